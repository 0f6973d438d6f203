#pragma once

#include <stdexcept>
#include <string>

namespace snn {

/// What a program of this project exits with. 130 and 143 stand for a run that Ctrl-C or SIGTERM
/// interrupted after it had left a valid checkpoint.
enum class ExitCode : int {
  kOk = 0,
  kInternal = 1,    ///< a defect of the program, or the machine failed it (a full disk)
  kUsage = 2,       ///< the command line or the configuration is wrong
  kData = 3,        ///< a data set is missing or damaged
  kDiverged = 4,    ///< loss or gradient became infinite or NaN
  kCheckpoint = 5,  ///< a checkpoint is missing, damaged or of a newer version
};

/// The one exception for what a user can mend. Its text is shown as it is: what is wrong and where,
/// what was expected, what was found, what to do.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace snn
