#include "snn/train/run_writer.h"

#include <utility>

#include "snn/text/error.h"

namespace snn {

void RunWriter::resume(const Progress& last, const std::optional<Best>& best) {
  saved_ = last;
  saved_.best = best;
}

void RunWriter::begin(const std::string& bytes, const Progress& progress) {
  directory_.write(directory_.last(), bytes);
  const auto best = saved_.best;
  saved_ = progress;
  saved_.best = best;
}

void RunWriter::write_best(std::string bytes, const Best& best) {
  owed_best_ = {std::move(bytes), best};
  pay_best();
}

void RunWriter::pay_best() {
  if (!owed_best_) return;
  write(directory_.best(), [&] {
    directory_.write(directory_.best(), owed_best_->bytes);
    saved_.best = owed_best_->best;
    owed_best_.reset();
  });
}

void RunWriter::write_metrics(const std::string& csv) {
  write(directory_.metrics(), [&] { directory_.write(directory_.metrics(), csv); });
}

void RunWriter::write_last(const std::string& bytes, const Progress& progress) {
  pay_best();
  write(directory_.last(), [&] { begin(bytes, progress); });
}

void RunWriter::write(const std::filesystem::path& path, const std::function<void()>& action) {
  try {
    action();
    failures_.erase(path);
  } catch (const Error& error) {
    const bool is_new = failures_.insert_or_assign(path, error.what()).second;
    if (is_new && warning_) warning_(std::string(error.what()) + "; training continues");
  }
}

}  // namespace snn
