#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "snn/train/config.h"
#include "snn/train/metrics.h"
#include "snn/train/outcome.h"
#include "snn/train/predictions.h"
#include "text/json.h"

namespace snn::report {

/// The content of a run directory's files.
struct RunFiles {
  std::filesystem::path path;
  std::string name;  ///< of its folder
  Config config;
  std::vector<MetricsRow> rows;  ///< at least one
  std::size_t layers = 0;
  std::optional<Json> summary;          ///< an object; empty while the run is in progress
  std::vector<Prediction> predictions;  ///< empty without such a file

  /// The number with `key` in the summary, if any.
  std::optional<double> number(const std::string& key) const;
  /// The outcome; empty while the run is in progress.
  std::optional<Outcome> outcome() const;
};

/// True if `path` has the metrics of a run. Throws Error(kUsage) if it cannot be inspected.
bool has_metrics(const std::filesystem::path& path);

/// Reads a run directory; predictions only if requested. Throws Error(kUsage) if `folder` is no run
/// directory, Error(kCheckpoint) for a missing or damaged file.
RunFiles read_run(const std::filesystem::path& path, bool with_predictions = true);

}  // namespace snn::report
