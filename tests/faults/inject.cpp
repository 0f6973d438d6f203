// Preloaded into a program, has a system call fail, or the program die, at a chosen moment.
//
// SNN_INJECT is CALL:FIRST:WHAT, where CALL is open, write, fsync, rename, close, unlink, mkdir,
// symlink, ftruncate, flock or any (each of them), FIRST counts its calls from 1, and WHAT is
//   kill         the process ends there, as by the kernel's OOM killer, before the call
//   NAME         that call and no later one fails with errno NAME: ENOSPC, EIO, EINTR, …
//   NAME+        and every later one
//   short        a write writes only half of what it should (once)
// SNN_INJECT_PROGRAM restricts it to the program of that name, not those that it starts.
// SNN_INJECT_COUNT names a file that gets the number of calls when the program ends by itself.
//
// Only calls that change files are counted: those that write, or open a file for writing.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Plan {
  char call[16] = "";
  long first = 0;
  char what[16] = "";
};

bool is_meant() {
  const char* name = std::getenv("SNN_INJECT_PROGRAM");
  return name == nullptr || std::strcmp(name, program_invocation_short_name) == 0;
}

Plan read_plan() {
  Plan plan;
  const char* text = std::getenv("SNN_INJECT");
  if (text != nullptr && is_meant()) {
    std::sscanf(text, "%15[^:]:%ld:%15s", plan.call, &plan.first, plan.what);
  }
  return plan;
}

int error_called(const char* name) {
  struct Name {
    const char* text;
    int number;
  };
  constexpr std::array<Name, 10> kNames = {{{"ENOSPC", ENOSPC},
                                            {"EIO", EIO},
                                            {"EINTR", EINTR},
                                            {"EROFS", EROFS},
                                            {"EACCES", EACCES},
                                            {"EDQUOT", EDQUOT},
                                            {"ENOSYS", ENOSYS},
                                            {"ENOLCK", ENOLCK},
                                            {"EOPNOTSUPP", EOPNOTSUPP},
                                            {"EFBIG", EFBIG}}};
  const std::size_t length = std::strcspn(name, "+");
  for (const Name& each : kNames) {
    if (std::strlen(each.text) == length && std::strncmp(each.text, name, length) == 0) {
      return each.number;
    }
  }
  return EIO;
}

std::atomic<long> calls{0};

// The fate of a call of that name: 0 for none, -1 for a short write, else the error.
int fate_of(const char* call) {
  static const Plan plan = read_plan();
  if (std::strcmp(plan.call, "any") != 0 && std::strcmp(plan.call, call) != 0) return 0;
  const long number = ++calls;
  const bool goes_on = std::strchr(plan.what, '+') != nullptr;
  if (number != plan.first && !(goes_on && number > plan.first)) return 0;
  if (std::strcmp(plan.what, "count") == 0) return 0;
  if (std::strcmp(plan.what, "kill") == 0) ::raise(SIGKILL);
  if (std::strcmp(plan.what, "short") == 0) return std::strcmp(call, "write") == 0 ? -1 : 0;
  return error_called(plan.what);
}

// True if the call is to fail; errno is set then.
bool fails(const char* call) {
  const int fate = fate_of(call);
  if (fate <= 0) return false;
  errno = fate;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is_regular(int fd) {
  struct stat facts {};
  return ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

__attribute__((destructor)) void write_count() {
  const char* path = std::getenv("SNN_INJECT_COUNT");
  if (path == nullptr || !is_meant()) return;
  const long count = calls;
  if (FILE* file = std::fopen(path, "w")) {
    std::fprintf(file, "%ld\n", count);
    std::fclose(file);
  }
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0U);
  va_end(rest);
  if ((flags & O_ACCMODE) != O_RDONLY && fails("open")) return -1;
  static auto* const real = next<int(const char*, int, ...)>("open");
  return real(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0U);
  va_end(rest);
  if ((flags & O_ACCMODE) != O_RDONLY && fails("open")) return -1;
  static auto* const real = next<int(int, const char*, int, ...)>("openat");
  return real(folder, path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t count) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  if (!is_regular(fd)) return real(fd, bytes, count);
  const int fate = fate_of("write");
  if (fate > 0) {
    errno = fate;
    return -1;
  }
  return real(fd, bytes, fate < 0 ? count / 2 : count);
}

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return fails("fsync") ? -1 : real(fd);
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return fails("rename") ? -1 : real(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static auto* const real = next<int(int, const char*, int, const char*)>("renameat");
  return fails("rename") ? -1 : real(from_folder, from, to_folder, to);
}

int unlink(const char* path) noexcept {
  static auto* const real = next<int(const char*)>("unlink");
  return fails("unlink") ? -1 : real(path);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static auto* const real = next<int(int, const char*, int)>("unlinkat");
  return fails("unlink") ? -1 : real(folder, path, flags);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const real = next<int(const char*, mode_t)>("mkdir");
  return fails("mkdir") ? -1 : real(path, mode);
}

int symlink(const char* target, const char* path) noexcept {
  static auto* const real = next<int(const char*, const char*)>("symlink");
  return fails("symlink") ? -1 : real(target, path);
}

int ftruncate(int fd, off_t length) noexcept {
  static auto* const real = next<int(int, off_t)>("ftruncate");
  return fails("ftruncate") ? -1 : real(fd, length);
}

int close(int fd) {
  static auto* const real = next<int(int)>("close");
  const bool counts = is_regular(fd) && (::fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
  // As on Linux, the descriptor is closed even if close() fails.
  if (counts && fails("close")) {
    const int error = errno;
    real(fd);
    errno = error;
    return -1;
  }
  return real(fd);
}

int flock(int fd, int operation) noexcept {
  static auto* const real = next<int(int, int)>("flock");
  return fails("flock") ? -1 : real(fd, operation);
}

}  // extern "C"
