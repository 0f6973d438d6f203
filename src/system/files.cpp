#include "system/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "system/descriptor.h"
#include "text/json.h"
#include "text/unicode.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = retried([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (written == 0) errno = EIO;  // no progress and no error code
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool flush_file(int fd) {
  if (retried([&] { return ::fsync(fd); }) == 0) return true;
  return errno == EINVAL || errno == ENOSYS;  // the file system does not support flushing
}

// Creates a new file, and never follows a link that somebody else has put in its place. Returns
// false with errno set on failure.
bool write_new(int folder, const char* name, std::string_view bytes, Flush flush) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  // A killed process may have left one.
  if (::unlinkat(folder, name, 0) != 0 && errno != ENOENT) return false;
  Descriptor file(retried([&] { return ::openat(folder, name, kFlags, 0666); }));
  return file.get() >= 0 && write_all(file.get(), bytes) &&
         (flush == Flush::kNever || flush_file(file.get())) && file.close();
}

bool rename_in(int folder, const char* from, const char* to) {
  if (::renameat(folder, from, folder, to) == 0) return true;
  if (errno != EINTR) return false;
  // The call may have succeeded with only its reply lost.
  return retried([&] { return ::renameat(folder, from, folder, to); }) == 0 || errno == ENOENT;
}

[[noreturn]] void refuse_writing(const fs::path& path, int error) {
  throw Error(ExitCode::kInternal, "cannot write " + path.string() + ": " + std::strerror(error));
}

// Opens the folder of a file for use in path-relative calls, which needs no permission to read it.
int open_parent(const FileAt& file) {
  const fs::path parent = file.path.has_parent_path() ? file.path.parent_path() : ".";
  return retried(
      [&] { return ::openat(file.folder, parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); });
}

void flush_directory(int folder) {
  const Descriptor handle(
      retried([&] { return ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  // Some file systems cannot flush a directory; the file itself is safe at this point.
  if (handle.get() >= 0) ::fsync(handle.get());
}

}  // namespace

void write_file(const fs::path& path, std::string_view bytes, Flush flush) {
  write_file_at({AT_FDCWD, path, path}, bytes, flush);
}

void write_file_at(const FileAt& file, std::string_view bytes, Flush flush) {
  const Descriptor folder(open_parent(file));
  if (folder.get() < 0) refuse_writing(file.shown, errno);
  const std::string name = file.path.filename().string(), temporary = name + ".tmp";
  if (!write_new(folder.get(), temporary.c_str(), bytes, flush) ||
      !rename_in(folder.get(), temporary.c_str(), name.c_str())) {
    const int error = errno;
    ::unlinkat(folder.get(), temporary.c_str(), 0);
    refuse_writing(file.shown, error);
  }
  if (flush == Flush::kToDisk) flush_directory(folder.get());
}

void replace_end(const fs::path& path, std::uintmax_t kept, std::string_view bytes) {
  Descriptor file(retried(
      [&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666); }));
  const auto end = static_cast<off_t>(kept);
  const bool is_written = file.get() >= 0 &&
                          retried([&] { return ::ftruncate(file.get(), end); }) == 0 &&
                          ::lseek(file.get(), end, SEEK_SET) == end &&
                          write_all(file.get(), bytes) && flush_file(file.get()) && file.close();
  if (!is_written) refuse_writing(path, errno);
}

void remove_file(const fs::path& path) { remove_file_at({AT_FDCWD, path, path}); }

void remove_file_at(const FileAt& file) {
  if (retried([&] { return ::unlinkat(file.folder, file.path.c_str(), 0); }) == 0) return;
  if (errno == ENOENT) return;
  throw Error(ExitCode::kInternal,
              "cannot remove " + file.shown.string() + ": " + std::strerror(errno));
}

bool is_there(const fs::path& path, ExitCode code) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return false;
  if (error) throw Error(code, path.string() + ": " + error.message());
  return true;
}

fs::path current_folder() {
  std::error_code error;
  fs::path folder = fs::current_path(error);
  if (error) throw Error(ExitCode::kUsage, "the current folder: " + error.message());
  return folder;
}

std::string read_file(const fs::path& path, ExitCode code, std::uintmax_t most) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    throw Error(code, path.string() + ": no such file");
  if (error) throw Error(code, path.string() + ": cannot be read: " + error.message());
  if (!fs::is_regular_file(status)) throw Error(code, path.string() + ": not a regular file");
  const Descriptor file(retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
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
    const ssize_t count =
        retried([&] { return ::read(file.get(), bytes.data() + have, bytes.size() - have); });
    if (count < 0) refuse();
    if (count == 0) break;  // truncated in the meantime
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

}  // namespace snn
