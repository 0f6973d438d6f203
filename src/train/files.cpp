#include "train/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "encoding.h"
#include "json.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Writes a new file; false with errno set if that failed.
bool write_new(const fs::path& path, std::string_view bytes, Flush flush) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  return file.get() >= 0 && write_all(file.get(), bytes) &&
         (flush == Flush::kNever || ::fsync(file.get()) == 0) && file.close();
}

[[noreturn]] void refuse_writing(const fs::path& path, const std::string& why) {
  throw Error(ExitCode::kInternal, "cannot write " + path.string() + ": " + why);
}

void flush_directory(const fs::path& directory) {
  const Descriptor handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot flush a directory; the file itself is safe by then.
  if (handle.get() >= 0) ::fsync(handle.get());
}

}  // namespace

void write_file(const fs::path& path, std::string_view bytes, Flush flush) {
  fs::path temporary = path;
  temporary += ".tmp";
  if (!write_new(temporary, bytes, flush) || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    ::unlink(temporary.c_str());
    refuse_writing(path, why);
  }
  if (flush == Flush::kNever) return;
  flush_directory(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

void replace_end(const fs::path& path, std::uintmax_t kept, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  const auto end = static_cast<off_t>(kept);
  const bool is_written = file.get() >= 0 && ::ftruncate(file.get(), end) == 0 &&
                          ::lseek(file.get(), end, SEEK_SET) == end &&
                          write_all(file.get(), bytes) && ::fsync(file.get()) == 0 && file.close();
  if (!is_written) refuse_writing(path, std::strerror(errno));
}

void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return;
  throw Error(ExitCode::kInternal, "cannot remove " + path.string() + ": " + std::strerror(errno));
}

std::string read_file(const fs::path& path, ExitCode code, std::uintmax_t most) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    throw Error(code, path.string() + ": no such file");
  if (error) throw Error(code, path.string() + ": cannot be read: " + error.message());
  if (!fs::is_regular_file(status)) throw Error(code, path.string() + ": not a regular file");
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto refuse = [&] {
    throw Error(code, path.string() + ": cannot be read: " + std::strerror(errno));
  };
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) refuse();
  const auto size = static_cast<std::uintmax_t>(facts.st_size);
  if (size > most) {
    throw Error(code, path.string() + ": expected at most " + std::to_string(most) +
                          " bytes, found " + std::to_string(size));
  }
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse();
    if (count == 0) break;  // cut short meanwhile
    have += static_cast<std::size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

std::string read_table(const fs::path& path, ExitCode code) {
  return decode_text(read_file(path, code, kLargestTable));
}

std::string absolute_text(const fs::path& path) {
  std::error_code error;
  const std::string absolute = fs::absolute(path, error).lexically_normal().string();
  return error || !is_utf8(absolute) ? path.string() : absolute;
}

int lock_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

}  // namespace snn
