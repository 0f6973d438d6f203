#pragma once

#include <filesystem>
#include <string>

#include "snn/data/dataset.h"

namespace snn {

/// Which part of which data a checkpoint has to do with.
struct RunDataRequest {
  std::filesystem::path checkpoint;  ///< whose run's files may say where the data are
  DatasetName dataset = DatasetName::kMnist;
  Split split = Split::kTest;
  std::string digest;  ///< of the part, as the checkpoint has it
};

struct RunData {
  Dataset dataset;       ///< the part
  std::string data_dir;  ///< with which load_dataset() finds it
};

/// Finds the data of a run: where its configuration and summary say that they were, there as seen
/// from its folder and those above (it may have been moved, data and all, or the program be called
/// from elsewhere), then in the usual places. Only files of the digest are taken.
/// Throws Error(kData) that says where what was found instead.
RunData find_run_data(const RunDataRequest& request);

}  // namespace snn
