#pragma once

#include <fcntl.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "snn/text/error.h"

namespace snn {

/// Whether a file must survive a power failure; waiting for the disk takes some milliseconds.
enum class Flush { kToDisk, kNever };

/// A file by its path relative to an open folder, as openat() takes it.
struct FileAt {
  int folder = AT_FDCWD;
  std::filesystem::path path;
  std::filesystem::path shown;  ///< the path for messages
};

/// Replaces the content of `path` atomically: `bytes` are written to a temporary file beside it,
/// flushed to the disk unless the file can be regenerated at any time, and renamed. Only one
/// process at a time may do so for a path. Throws Error(kInternal) on failure (a full disk); `path`
/// is then unchanged.
void write_file(const std::filesystem::path& path, std::string_view bytes,
                Flush flush = Flush::kToDisk);
void write_file_at(const FileAt& file, std::string_view bytes, Flush flush = Flush::kToDisk);

/// Replaces everything after the first `kept` bytes of `path` by `bytes`: in place, for readers
/// that follow the growing file, and flushed to the disk. Throws Error(kInternal) on failure; a
/// part of `bytes` may then be left.
void replace_end(const std::filesystem::path& path, std::uintmax_t kept, std::string_view bytes);

/// Removes a file if it exists. Throws Error(kInternal) on failure.
void remove_file(const std::filesystem::path& path);
void remove_file_at(const FileAt& file);

/// True if the file or folder exists. Throws Error(code) if the system cannot tell: a folder on the
/// path may be inaccessible to this user, or a link may be circular.
bool is_there(const std::filesystem::path& path, ExitCode code);

/// The current folder of this process. Throws Error(kUsage) if it no longer exists.
std::filesystem::path current_folder();

/// The largest size that readers accept by default; all our files are smaller.
inline constexpr std::uintmax_t kLargestFile = std::uintmax_t{8} << 30;
/// The same for texts written by people, and for tables.
inline constexpr std::uintmax_t kLargestText = std::uintmax_t{16} << 20;
inline constexpr std::uintmax_t kLargestTable = std::uintmax_t{1} << 30;

/// The bytes of a regular file. Throws Error(code) with its name and the system's message, also if
/// it has more than `most` bytes, before allocating memory for them.
std::string read_file(const std::filesystem::path& path, ExitCode code,
                      std::uintmax_t most = kLargestFile);

/// The plain text of a file that a spreadsheet or an editor may have saved in another encoding
/// (decode_text()). Throws like read_file().
std::string read_table(const std::filesystem::path& path, ExitCode code);

/// `path` in a form that can be recorded for readers elsewhere: absolute, or unchanged if it is not
/// valid UTF-8.
std::string absolute_text(const std::filesystem::path& path);

}  // namespace snn
