#include "train/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

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

std::string read_file(const fs::path& path, ExitCode code) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (!fs::exists(status)) throw Error(code, path.string() + ": no such file");
  if (!fs::is_regular_file(status)) {
    throw Error(code, path.string() + ": not a regular file");
  }
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream bytes;
  if (!stream || (fs::file_size(path, ignored) > 0 && !(bytes << stream.rdbuf()))) {
    throw Error(code, path.string() + ": cannot be read: " + std::strerror(errno));
  }
  return std::move(bytes).str();
}

}  // namespace snn
