#include "sweep/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "snn/text/error.h"
#include "system/end_signals.h"

namespace snn {
namespace {

constexpr int kCannotStart = 127;

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

[[noreturn]] void fail(const std::string& what) {
  throw Error(ExitCode::kInternal, what + ": " + std::strerror(errno));
}

// Runs in the new process: undoes the signal mask and the handlers, which it must not inherit.
void reset_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
}

}  // namespace

pid_t start_process(const std::vector<std::string>& words, const std::filesystem::path& log) {
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (out < 0) fail("cannot write " + log.string());
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::vector<char*> arguments = pointers(words);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    // The parent may have ended before the signal was requested.
    if (::getppid() != parent) ::_exit(128 + SIGTERM);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    reset_signals();
    ::execv(arguments[0], arguments.data());
    const std::string why = words[0] + ": " + std::strerror(errno) + "\n";
    if (::write(STDERR_FILENO, why.data(), why.size()) < 0) ::_exit(1);
    ::_exit(kCannotStart);
  }
  const int error = errno;
  ::close(in);
  ::close(out);
  errno = error;
  if (child < 0) fail("cannot start " + words[0]);
  ::setpgid(child, child);  // also called by the child; whichever runs first takes effect
  return child;
}

std::optional<int> exit_code_of(pid_t process) {
  int status = 0;
  const pid_t ended = ::waitpid(process, &status, WNOHANG);
  if (ended == 0) return std::nullopt;
  if (ended < 0) fail("waiting for a run");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

ToolResult run_tool(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  const std::vector<char*> arguments = pointers(words);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    reset_signals();
    ::execvp(arguments[0], arguments.data());
    ::_exit(kCannotStart);
  }
  ::close(ends[1]);
  if (child < 0) fail("cannot start " + words[0]);
  ToolResult result;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = ::read(ends[0], buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    result.output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

Signals::Signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGCHLD);
  std::signal(SIGCHLD, SIG_DFL);  // if it were ignored, processes would leave no exit code
  for (const int signal : kEndSignals) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&set_, signal);
  }
  sigprocmask(SIG_BLOCK, &set_, nullptr);
}

int Signals::wait(std::chrono::milliseconds timeout) const {
  const timespec limit = {timeout.count() / 1000, timeout.count() % 1000 * 1'000'000};
  const int signal = sigtimedwait(&set_, nullptr, &limit);
  return std::max(signal, 0);
}

}  // namespace snn
