#include "cli/data_lines.h"

#include <spdlog/fmt/fmt.h>

#include "text/message.h"

namespace snn::cli {
namespace {

std::string own_files_text(const TrainingData& data) {
  if (data.train.is_known && data.test.is_known) return "";
  if (data.train.is_known) return " (own test files)";
  return data.test.is_known ? " (own training files)" : " (own files)";
}

std::string count_text(const std::vector<std::uint32_t>& indices) {
  return format_count(static_cast<std::int64_t>(indices.size()));
}

}  // namespace

std::string data_text(const TrainingData& data, DatasetName name) {
  return fmt::format(
      "{} in {}: {} training, {}{} test images{}", name_of(name), data.train.directory.string(),
      count_text(data.train_indices),
      data.validation_indices.empty() ? "" : count_text(data.validation_indices) + " validation, ",
      count_text(data.test_indices), own_files_text(data));
}

}  // namespace snn::cli
