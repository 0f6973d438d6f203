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

/// Standard error as a person sees it: lines, and at its foot, on a terminal, a line or a few that
/// are redrawn.
class Terminal {
 public:
  /// Follows what standard error is, NO_COLOR and TERM.
  Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  /// Takes the foot away: what is printed next may be an error.
  ~Terminal();

  /// Whether there is a person to draw for.
  bool is_interactive() const { return is_interactive_; }
  /// Its width now; kDefaultColumns where standard error is no terminal.
  int columns() const;

  /// Prints a line above the foot.
  void print(std::string_view line);
  /// Draws the foot anew; an empty one takes it away. Its lines must be shorter than columns().
  /// Nothing happens without a terminal.
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

/// What a program says about an exception that ends it, and its exit code: an Error's own, for any
/// other 1; to one for want of memory belongs `memory_advice`.
struct Failure {
  std::string text;
  ExitCode code;
};
Failure failure_of(const std::exception& error, const std::string& memory_advice);

/// Runs a program: what `body` returns is its exit code; an exception is shown in a line as
/// failure_of() has it. Writing to a pipe that nobody reads any more, or past the limit of a file's
/// size, is no reason to die.
int run_program(const std::string& name, const std::string& memory_advice,
                const std::function<int()>& body);

/// "snn-train 0.1.0 (commit), LibTorch 1.13.1"; without a version of LibTorch, of a program that
/// does not link it, "snn-sweep 0.1.0 (commit)".
std::string version_text(const std::string& program, const std::string& libtorch = "");

}  // namespace snn::cli
