#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/command_line.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/run_directory.h"

namespace snn::cli {

/// What a run starts from.
struct Start {
  Config config;
  std::optional<Checkpoint> checkpoint;  ///< goes on from this one
  std::filesystem::path path;            ///< where that is
  bool is_data_given = false;            ///< by the user, who says where the data are
  std::optional<RunDirectory> run;       ///< in this directory
  std::string note;                      ///< what the user should know of the choice
  std::string warning;                   ///< why another checkpoint than the last was chosen
  std::filesystem::path damaged;         ///< that last one, if it is there
};

/// What a command line asks for: the options of defaults, checkpoint, file and flags, and, with
/// --resume, the checkpoint that it means. Throws Error of all that is wrong with them.
Start find_start(const CommandLine& line);

}  // namespace snn::cli
