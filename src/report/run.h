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

/// What the files of a run directory say.
struct RunFiles {
  std::filesystem::path path;
  std::string name;  ///< of its folder
  Config config;
  std::vector<MetricsRow> rows;  ///< at least one
  std::size_t layers = 0;
  std::optional<Json> summary;          ///< an object; none while it is in progress
  std::vector<Prediction> predictions;  ///< none if it has no such file

  /// What the summary has under `key`, if it is a number.
  std::optional<double> number(const std::string& key) const;
  /// How it ended; none while it is in progress.
  std::optional<Outcome> outcome() const;
};

/// Whether there are the metrics of a run in `path`. Throws Error(kUsage) where that cannot be
/// seen.
bool has_metrics(const std::filesystem::path& path);

/// Reads a run directory; predictions only if asked for. Throws Error(kUsage) for a folder that is
/// none, Error(kCheckpoint) for a file that is missing or damaged.
RunFiles read_run(const std::filesystem::path& path, bool with_predictions = true);

}  // namespace snn::report
