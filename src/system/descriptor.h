#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace snn {

/// Repeats a system call that a signal interrupted, and returns its result.
template <class Call>
auto retried(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  /// Returns false, with errno set, if written data may be lost. The descriptor is closed even if a
  /// signal interrupts the call.
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0 || errno == EINTR; }

 private:
  int fd_;
};

}  // namespace snn
