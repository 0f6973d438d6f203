#pragma once

#include <filesystem>
#include <string>

#include "snn/data/dataset.h"

namespace snn {

/// The data that a checkpoint refers to, and the part of them.
struct RunDataRequest {
  std::filesystem::path checkpoint;  ///< its run's files may name the data's folder
  DatasetName dataset = DatasetName::kMnist;
  Split split = Split::kTest;
  std::string digest;  ///< digest of the part, from the checkpoint
};

struct RunData {
  Dataset dataset;       ///< the part
  std::string data_dir;  ///< argument of load_dataset() that finds it
};

/// Finds the data of a run: at the paths in its configuration and summary, at the same paths
/// relative to its folder and the folders above (the run may have been moved with its data, or the
/// program called from elsewhere), then in the usual places. Only files with the digest are
/// accepted. Throws Error(kData) that lists the data found instead, with their places.
RunData find_run_data(const RunDataRequest& request);

}  // namespace snn
