#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/command_line.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/run_directory.h"

namespace snn::cli {

/// The starting point of a run.
struct Start {
  Config config;
  std::optional<Checkpoint> checkpoint;  ///< checkpoint to resume from
  std::filesystem::path path;            ///< path of the checkpoint
  bool is_data_given = false;            ///< true if the user gave the data's folder
  std::optional<RunDirectory> run;       ///< run directory
  std::string note;                      ///< a note for the user about the choice
  std::string warning;                   ///< the reason for a checkpoint other than the last
  std::filesystem::path damaged;         ///< the damaged last checkpoint, if it exists
};

/// The request of a command line: the options from defaults, checkpoint, file and flags, and the
/// checkpoint of --resume. Throws an Error with all problems.
Start find_start(const CommandLine& line);

}  // namespace snn::cli
