#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace snn {

/// Starts a program, by its path, in a process group of its own: what the terminal's Ctrl-C sends
/// goes to this process alone, which passes it on. It reads nothing, what it prints is appended to
/// `log`, and when this process ends, however that is, it gets SIGTERM. Throws Error(kInternal).
pid_t start_process(const std::vector<std::string>& words, const std::filesystem::path& log);

/// The exit code of a process that was started, if it has ended; 128 + N if signal N ended it.
std::optional<int> exit_code_of(pid_t process);

/// Runs a tool, found on the PATH, to its end. 127 stands for one that cannot be started.
struct ToolResult {
  int code = 0;
  std::string output;  ///< all that it printed
};
ToolResult run_tool(const std::vector<std::string>& words);

/// Holds SIGCHLD and the signals that ask for an end (end_signals.h) back, so that they are noticed
/// at one place: in wait(). Those that were ignored stay ignored, as in a program that a shell
/// starts in the background.
class Signals {
 public:
  Signals();

  /// A signal that asks for an end if one came, SIGCHLD if a process ended, or 0 after `timeout`.
  int wait(std::chrono::milliseconds timeout) const;

 private:
  sigset_t set_;
};

}  // namespace snn
