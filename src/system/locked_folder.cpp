#include "system/locked_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "snn/text/error.h"
#include "system/descriptor.h"

namespace snn {

namespace fs = std::filesystem;

std::optional<LockedFolder> LockedFolder::lock(const fs::path& path) {
  const int fd = retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) throw Error(ExitCode::kUsage, path.string() + ": " + std::strerror(errno));
  LockedFolder folder(path, fd);
  if (retried([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0) return folder;
  if (errno == EWOULDBLOCK) return std::nullopt;
  // NFS, Lustre and some containers do not support locks; training there is still useful.
  folder.warning_ = path.string() + ": the file system does not support locks (" +
                    std::strerror(errno) +
                    "); make sure that only one process at a time works in it";
  return folder;
}

LockedFolder::LockedFolder(LockedFolder&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      warning_(std::move(other.warning_)) {}

LockedFolder& LockedFolder::operator=(LockedFolder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(warning_, other.warning_);
  return *this;
}

LockedFolder::~LockedFolder() {
  if (fd_ >= 0) ::close(fd_);
}

bool LockedFolder::is_replaced() const {
  struct stat ours {
  }, now{};
  // If the system cannot tell, a later write will report the error.
  if (::stat(path_.c_str(), &now) != 0) return errno == ENOENT || errno == ENOTDIR;
  if (::fstat(fd_, &ours) != 0) return errno == ESTALE;
  return ours.st_dev != now.st_dev || ours.st_ino != now.st_ino;
}

void LockedFolder::check() const {
  if (!is_replaced()) return;
  throw Error(ExitCode::kInternal, path_.string() +
                                       ": its folder was replaced, moved or removed by another "
                                       "process; nothing more is written");
}

void LockedFolder::write(const fs::path& file, std::string_view bytes, Flush flush) const {
  check();
  write_file_at({fd_, file.lexically_relative(path_), file}, bytes, flush);
}

void LockedFolder::remove(const fs::path& file) const {
  check();
  remove_file_at({fd_, file.lexically_relative(path_), file});
}

bool is_locked(const fs::path& folder) {
  try {
    return !LockedFolder::lock(folder);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace snn
