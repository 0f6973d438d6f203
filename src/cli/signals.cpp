#include "cli/signals.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "system/end_signals.h"

namespace snn::cli {
namespace {

volatile std::sig_atomic_t end = 0;
volatile std::sig_atomic_t has_stopped = 0;
int log_file = -1;
bool tells_of_end = false;

// Uses only calls allowed in signal handlers; failing to write the line does not matter.
void say(int file, std::string_view line) {
  if (file >= 0 && ::write(file, line.data(), line.size()) < 0) return;
}

extern "C" void request_end(int signal) {
  const int error = errno;
  if (end != 0 && ends_at_once(signal)) {
    say(log_file, "stopped immediately by a second signal; the previous checkpoint is kept\n");
    ::_exit(128 + signal);
  }
  if (end == 0 && tells_of_end) {
    say(STDERR_FILENO,
        "\r\033[Kstopping after this batch and a checkpoint; a second signal stops immediately\n");
  }
  if (end == 0) end = signal;
  errno = error;
}

extern "C" void note_stop(int) { has_stopped = 1; }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void handle_signals(int log, bool tells) {
  log_file = log;
  tells_of_end = tells;
  for (const int signal : kEndSignals) handle(signal, request_end);
  handle(SIGCONT, note_stop);
}

int requested_end() { return end; }

bool was_stopped() {
  const bool was = has_stopped != 0;
  has_stopped = 0;
  return was;
}

}  // namespace snn::cli
