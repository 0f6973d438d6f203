// Simulates a file system without locks: preloaded before the C library, it makes flock() fail with
// the error whose number is in $SNN_FLOCK_ERROR.

#include <sys/file.h>

#include <cerrno>
#include <cstdlib>

extern "C" int flock(int, int) noexcept {
  const char* error = std::getenv("SNN_FLOCK_ERROR");
  errno = error != nullptr ? std::atoi(error) : ENOSYS;
  return -1;
}
