#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/metrics.h"
#include "snn/train/outcome.h"

namespace snn {

/// The description of a layer in a summary.
struct LayerFacts {
  std::string name;  ///< name of its neurons, as in the state: "lif1"
  std::string kind;  ///< neuron model: "leaky"
  std::int64_t neurons = 0;
};

/// The facts of a run in its summary, besides configuration and metrics.
struct RunFacts {
  /// If the run diverged, everything else describes the last good checkpoint.
  Outcome outcome = Outcome::kFinished;
  std::string version;  ///< version of snn-train
  std::string libtorch;
  std::string device;
  int threads = 1;
  std::string engine;
  std::string network;             ///< short description: "784-500-10"
  std::vector<LayerFacts> layers;  ///< all layers of the network
  std::int64_t parameters = 0;
  double peak_memory_mb = 0.0;
  std::string data_directory;  ///< absolute folder of its training data
};

/// The path, within its run directory, of the checkpoint that the summary reports on: best if a
/// validation set selected it, else last.
std::string reported_checkpoint(const Config& config, const Progress& progress);

/// The metrics row of the reported checkpoint, or null if there is none, e.g. for a checkpoint from
/// within an epoch.
const MetricsRow* reported_row(const Config& config, const Progress& progress,
                               const std::vector<MetricsRow>& rows);

/// summary.json: one object, for scripts. Its `outcome` is the Outcome of the run (RunFacts).
/// Unknown numbers are null, and so are the seconds of an interrupted epoch.
std::string summary_to_json(const Config& config, const Progress& progress,
                            const std::vector<MetricsRow>& rows, const RunFacts& facts);

}  // namespace snn
