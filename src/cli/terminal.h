#pragma once

#include <spdlog/logger.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "snn/text/error.h"
#include "snn/train/config.h"

namespace snn::cli {

/// Standard error as lines and, on a terminal, a footer of one or more redrawn lines.
class Terminal {
 public:
  /// Adapts to the type of standard error, NO_COLOR and TERM.
  Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  /// Removes the footer, since an error message may follow.
  ~Terminal();

  /// True if standard error is an interactive terminal.
  bool is_interactive() const { return is_interactive_; }
  /// Its current width; kDefaultColumns if standard error is no terminal.
  int columns() const;

  /// Prints a line above the footer.
  void print(std::string_view line);
  /// Redraws the footer; an empty one removes it. Its lines must be shorter than columns(). Without
  /// a terminal this does nothing.
  void set_foot(const std::string& foot);

  std::string bold(std::string_view text) const { return styled("1", text); }
  std::string dim(std::string_view text) const { return styled("2", text); }
  std::string yellow(std::string_view text) const { return styled("33", text); }
  std::string red(std::string_view text) const { return styled("31", text); }

 private:
  std::string styled(const char* code, std::string_view text) const;

  bool is_interactive_;
  bool has_color_;
  std::string foot_;
};

/// A logger whose lines of the configured level appear on `terminal` (with quiet: warnings and
/// errors).
std::shared_ptr<spdlog::logger> make_logger(Terminal& terminal, const Config& config);

/// `[=====>    ]`, `width` characters for a share of 1.
std::string bar(double share, int width);

/// The message and exit code of a program ended by an exception: an Error has its own code, other
/// exceptions 1. `memory_advice` is appended to out-of-memory errors.
struct Failure {
  std::string text;
  ExitCode code;
};
Failure failure_of(const std::exception& error, const std::string& memory_advice);

/// Runs a program and returns the exit code of `body`; an exception is printed in one line by
/// failure_of(). Writing to a closed pipe or beyond the file size limit does not kill the process.
int run_program(const std::string& name, const std::string& memory_advice,
                const std::function<int()>& body);

/// "snn-train 0.1.0 (commit), LibTorch 1.13.1"; for a program that does not link LibTorch,
/// "snn-sweep 0.1.0 (commit)".
std::string version_text(const std::string& program, const std::string& libtorch = "");

}  // namespace snn::cli
