#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace snn {

/// The result of a program.
struct ProcessResult {
  int code = 0;  ///< exit code, or minus the number of the signal that ended it
  std::string out;
  std::string err;
};

struct ProcessOptions {
  std::filesystem::path folder = {};  ///< working folder; empty: the current one
  std::string input = {};             ///< on its standard input
  std::string out_file = {};  ///< file for its standard output; empty: it is captured in the result
  bool on_terminal = false;   ///< true if its standard error is a terminal
  unsigned short columns = 80;  ///< width of that terminal
  std::vector<std::pair<std::string, std::string>> environment =
      {};  ///< additional ones; empty: unset
  /// Called after each write to standard error, with the process id and the whole output so far.
  std::function<void(pid_t, const std::string&)> on_err = {};
};

namespace process {

[[noreturn]] inline void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// A pipe, or a terminal with the given number of columns; its ends are closed with the object and
/// in programs that are started.
class Pipe {
 public:
  explicit Pipe(unsigned short columns = 0) {
    if (columns == 0) {
      if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail("pipe");
      return;
    }
    ends_[0] = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends_[0] < 0 || ::grantpt(ends_[0]) != 0 || ::unlockpt(ends_[0]) != 0) fail("openpt");
    ends_[1] = ::open(::ptsname(ends_[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    const winsize size = {24, columns, 0, 0};
    if (ends_[1] < 0 || ::ioctl(ends_[1], TIOCSWINSZ, &size) != 0) fail("open a terminal");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

/// Appends the available output; returns false at the end.
inline bool read_some(int fd, std::string& text) {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

/// An unnamed file that contains `text`, positioned at its start.
inline FILE* file_with(const std::string& text) {
  FILE* const file = std::tmpfile();
  if (file == nullptr || std::fputs(text.c_str(), file) < 0 || std::fflush(file) != 0) {
    fail("tmpfile");
  }
  std::rewind(file);
  return file;
}

/// Replaces the new process by the program. Exits with 127 if the program cannot be started.
[[noreturn]] inline void become(const std::vector<std::string>& command,
                                const ProcessOptions& options, int in, int out, int err) {
  if (!options.out_file.empty()) out = ::open(options.out_file.c_str(), O_WRONLY);
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(127);
  for (const auto& [name, value] : options.environment) {
    value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
  }
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU, SIGPIPE}) {
    std::signal(signal, SIG_DFL);
  }
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(words[0], words.data());
  ::_exit(127);
}

}  // namespace process

/// Runs a program, given by its path, to its end.
inline ProcessResult run_process(const std::vector<std::string>& command,
                                 const ProcessOptions& options = {}) {
  process::Pipe out, err(options.on_terminal ? options.columns : 0);
  FILE* const in = process::file_with(options.input);
  const pid_t child = ::fork();
  if (child < 0) process::fail("fork");
  if (child == 0) process::become(command, options, ::fileno(in), out.writer(), err.writer());
  std::fclose(in);
  out.close_writer();
  err.close_writer();

  ProcessResult result;
  bool out_open = true, err_open = true;
  while (out_open || err_open) {
    std::array<pollfd, 2> ends = {
        {{out_open ? out.reader() : -1, POLLIN, 0}, {err_open ? err.reader() : -1, POLLIN, 0}}};
    if (::poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) process::fail("poll");
    if (ends[0].revents != 0) out_open = process::read_some(out.reader(), result.out);
    if (ends[1].revents != 0) {
      err_open = process::read_some(err.reader(), result.err);
      if (err_open && options.on_err) options.on_err(child, result.err);
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) process::fail("waitpid");
  }
  result.code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace snn
