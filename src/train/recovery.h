#pragma once

#include <filesystem>
#include <string>

#include "snn/train/checkpoint.h"

namespace snn {

/// The checkpoint of a run that can be used.
struct RunCheckpoint {
  std::filesystem::path path;
  Checkpoint checkpoint;
  /// Why it is not the one that was meant ("…/last.safetensors: damaged; …"); empty if it is.
  std::string problem;
};

/// Reads the checkpoint that the user means by `path`: that file or, of a run directory, the one
/// its summary reports on (`reported`), else the last. If the one of a run directory is missing or
/// damaged, it is the other one, best or last. Throws Error(kCheckpoint) about the one that was
/// meant if that does not help, if it may not be read, or if a later version wrote it.
RunCheckpoint load_run_checkpoint(const std::filesystem::path& path, bool reported);

}  // namespace snn
