#pragma once

#include <stdexcept>
#include <string>

namespace snn {

/// The exit codes of the programs. 130 and 143 mean that Ctrl-C or SIGTERM interrupted a run after
/// it had saved a valid checkpoint.
enum class ExitCode : int {
  kOk = 0,
  kInternal = 1,    ///< a defect of the program, or a failure of the machine (a full disk)
  kUsage = 2,       ///< the command line or the configuration is wrong
  kData = 3,        ///< a data set is missing or damaged
  kDiverged = 4,    ///< loss or gradient became infinite or NaN
  kCheckpoint = 5,  ///< a checkpoint is missing, damaged or of a newer version
};

/// The exception for all errors that a user can fix. Its text is shown unchanged: the problem and
/// its place, the expected and the found value, the remedy.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace snn
