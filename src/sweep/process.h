#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace snn {

/// Starts a program, given by its path, in its own process group: the terminal's Ctrl-C reaches
/// only this process, which passes it on. The program reads nothing, its output is appended to
/// `log`, and it gets SIGTERM when this process ends for any reason. Throws Error(kInternal).
pid_t start_process(const std::vector<std::string>& words, const std::filesystem::path& log);

/// The exit code of a started process, if it has ended; 128 + N if signal N ended it.
std::optional<int> exit_code_of(pid_t process);

/// Runs a tool, found on the PATH, to its end. The code 127 means that it could not be started.
struct ToolResult {
  int code = 0;
  std::string output;  ///< its complete output
};
ToolResult run_tool(const std::vector<std::string>& words);

/// Blocks SIGCHLD and the signals that request an end (end_signals.h), so that they are received
/// only in wait(). Ignored signals stay ignored, as in a program that a shell starts in the
/// background.
class Signals {
 public:
  Signals();

  /// Returns a received signal that requests an end, SIGCHLD if a process ended, or 0 after
  /// `timeout`.
  int wait(std::chrono::milliseconds timeout) const;

 private:
  sigset_t set_;
};

}  // namespace snn
