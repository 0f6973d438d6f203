#include "cli/terminal.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <new>

#include "cli/layout.h"
#include "snn/text/error.h"
#include "version.h"

namespace snn::cli {
namespace {

// Shows log messages on the terminal, with the level before warnings and errors.
class TerminalSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit TerminalSink(Terminal& terminal) : terminal_(terminal) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string text(message.payload.data(), message.payload.size());
    if (message.level >= spdlog::level::err) {
      terminal_.print(terminal_.red("error: ") + text);
    } else if (message.level == spdlog::level::warn) {
      terminal_.print(terminal_.yellow("warning: ") + text);
    } else {
      terminal_.print(text);
    }
  }
  void flush_() override {}

 private:
  Terminal& terminal_;
};

// If standard output is closed, the next file opened would take its place.
void open_standard_streams() {
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO) fd = ::open("/dev/null", O_RDWR);
  if (fd >= 0) ::close(fd);
}

// LibTorch's out-of-memory errors can be recognised only by their text.
bool is_out_of_memory(const std::exception& error) {
  const std::string_view text = error.what();
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         text.find("can't allocate memory") != std::string_view::npos ||
         text.find("out of memory") != std::string_view::npos;
}

}  // namespace

Terminal::Terminal() {
  const char* term = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  const bool is_dumb = term == nullptr || std::string_view(term) == "dumb";
  is_interactive_ = isatty(STDERR_FILENO) != 0 && !is_dumb;
  has_color_ = is_interactive_ && (no_color == nullptr || *no_color == '\0');
}

Terminal::~Terminal() { set_foot(""); }

int Terminal::columns() const { return columns_of(STDERR_FILENO); }

void Terminal::print(std::string_view line) {
  const std::string foot = foot_;
  set_foot("");
  std::cerr << line << '\n';
  set_foot(foot);
}

void Terminal::set_foot(const std::string& foot) {
  if (!is_interactive_ || foot == foot_) return;
  // Erases from the first line of the footer to the end of the screen.
  const auto lines_above = std::count(foot_.begin(), foot_.end(), '\n');
  std::cerr << '\r';
  if (lines_above > 0) std::cerr << "\033[" << lines_above << "A\033[J";
  std::cerr << "\033[K" << foot << std::flush;
  foot_ = foot;
}

std::string Terminal::styled(const char* code, std::string_view text) const {
  if (!has_color_) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

std::shared_ptr<spdlog::logger> make_logger(Terminal& terminal, const Config& config) {
  auto sink = std::make_shared<TerminalSink>(terminal);
  const auto level = spdlog::level::from_str(config.log_level);
  sink->set_level(config.quiet ? std::max(level, spdlog::level::warn) : level);
  auto logger = std::make_shared<spdlog::logger>("snn", sink);
  logger->set_level(spdlog::level::trace);
  return logger;
}

std::string bar(double share, int width) {
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * width);
  std::string text(static_cast<std::size_t>(filled), '=');
  if (filled < width) text += '>';
  text.resize(static_cast<std::size_t>(width), ' ');
  return "[" + text + "]";
}

Failure failure_of(const std::exception& error, const std::string& memory_advice) {
  if (const auto* known = dynamic_cast<const Error*>(&error)) return {known->what(), known->code()};
  if (is_out_of_memory(error)) return {"not enough memory; " + memory_advice, ExitCode::kInternal};
  return {std::string("internal error, please report it: ") + error.what(), ExitCode::kInternal};
}

int run_program(const std::string& name, const std::string& memory_advice,
                const std::function<int()>& body) {
  open_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const auto fail = [&](const Failure& failure) {
    std::cerr << name << ": " << failure.text << '\n';
    return static_cast<int>(failure.code);
  };
  try {
    const int code = body();
    std::cout.flush();
    if (!std::cout && errno != EPIPE) {
      return fail({"cannot write to standard output", ExitCode::kInternal});
    }
    return code;
  } catch (const std::exception& error) {
    return fail(failure_of(error, memory_advice));
  }
}

std::string version_text(const std::string& program, const std::string& libtorch) {
  const std::string commit = SNN_COMMIT;
  return program + " " + SNN_VERSION + (commit.empty() ? "" : " (" + commit + ")") +
         (libtorch.empty() ? "" : ", LibTorch " + libtorch);
}

}  // namespace snn::cli
