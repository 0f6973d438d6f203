#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/metrics.h"
#include "snn/train/outcome.h"

namespace snn {

/// What a summary says of a layer.
struct LayerFacts {
  std::string name;  ///< of its neurons, as in the state: "lif1"
  std::string kind;  ///< of its neurons: "leaky"
  std::int64_t neurons = 0;
};

/// What a summary says of a run beside its configuration and metrics.
struct RunFacts {
  /// Of a run that diverged all else is about the last good checkpoint.
  Outcome outcome = Outcome::kFinished;
  std::string version;  ///< of snn-train
  std::string libtorch;
  std::string device;
  int threads = 1;
  std::string engine;
  std::string network;  ///< for people: "784-500-10"
  std::vector<LayerFacts> layers;
  std::int64_t parameters = 0;
  double peak_memory_mb = 0.0;
  std::string data_directory;  ///< where its training data were, absolute
};

/// The path, within its run directory, of the checkpoint a run is judged by: best where a
/// validation set chose it, else last.
std::string reported_checkpoint(const Config& config, const Progress& progress);

/// The row of the metrics that the reported checkpoint stands for, or null if it is not there, as
/// for a checkpoint from within an epoch.
const MetricsRow* reported_row(const Config& config, const Progress& progress,
                               const std::vector<MetricsRow>& rows);

/// summary.json: one object, for scripts. Its `outcome` says how the run ended (RunFacts). Numbers
/// that are not known are null; so are the seconds of an epoch that was interrupted.
std::string summary_to_json(const Config& config, const Progress& progress,
                            const std::vector<MetricsRow>& rows, const RunFacts& facts);

}  // namespace snn
