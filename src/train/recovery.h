#pragma once

#include <filesystem>
#include <string>

#include "snn/train/checkpoint.h"

namespace snn {

/// The usable checkpoint of a run.
struct RunCheckpoint {
  std::filesystem::path path;
  Checkpoint checkpoint;
  /// The reason why it is not the requested one ("…/last.safetensors: damaged; …"); empty if it is.
  std::string problem;
};

/// Reads the checkpoint that `path` denotes: that file or, for a run directory, the one its summary
/// reports on (`reported`), else the last. If that checkpoint of a run directory is missing or
/// damaged, the other one, best or last, is read. Throws Error(kCheckpoint) about the requested one
/// if neither is usable, if it is not readable, or if a later version wrote it.
RunCheckpoint load_run_checkpoint(const std::filesystem::path& path, bool reported);

}  // namespace snn
