#pragma once

#include <fcntl.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "snn/text/error.h"

namespace snn {

/// Whether a file must outlast a power cut. Waiting for the disk takes some milliseconds.
enum class Flush { kToDisk, kNever };

/// A file by its path from the folder that a descriptor stands for, as openat() takes it.
struct FileAt {
  int folder = AT_FDCWD;
  std::filesystem::path path;
  std::filesystem::path shown;  ///< in messages
};

/// Replaces `path` by `bytes` whole or not at all: they are written beside it, flushed to the disk
/// unless the file can be made anew at any time, and renamed. One process at a time may do so for a
/// path. Throws Error(kInternal) when the system refuses (a full disk); `path` is then as it was.
void write_file(const std::filesystem::path& path, std::string_view bytes,
                Flush flush = Flush::kToDisk);
void write_file_at(const FileAt& file, std::string_view bytes, Flush flush = Flush::kToDisk);

/// Has `bytes` follow the first `kept` bytes of `path`, and nothing else: in place, for those who
/// follow the file while it grows, and flushed to the disk. Throws Error(kInternal) when the system
/// refuses; what is left may then be a part of it.
void replace_end(const std::filesystem::path& path, std::uintmax_t kept, std::string_view bytes);

/// Removes a file if it is there. Throws Error(kInternal) when the system refuses.
void remove_file(const std::filesystem::path& path);
void remove_file_at(const FileAt& file);

/// Whether there is such a file or folder. Throws Error(code) where the system does not say: one on
/// the way to it may be closed to this user, or a link lead in a circle.
bool is_there(const std::filesystem::path& path, ExitCode code);

/// The folder that this process is in. Throws Error(kUsage) if that is gone.
std::filesystem::path current_folder();

/// More than any file of ours holds: what a reader takes into memory at most, unless it says less.
inline constexpr std::uintmax_t kLargestFile = std::uintmax_t{8} << 30;
/// The same for a text that a person writes, and for tables.
inline constexpr std::uintmax_t kLargestText = std::uintmax_t{16} << 20;
inline constexpr std::uintmax_t kLargestTable = std::uintmax_t{1} << 30;

/// The bytes of a regular file. Throws Error(code) that names it and what the system says, also if
/// it has more than `most` bytes, before memory is taken for them.
std::string read_file(const std::filesystem::path& path, ExitCode code,
                      std::uintmax_t most = kLargestFile);

/// The text in a file that a spreadsheet or editor may have saved anew, plain (decode_text()).
/// Throws as read_file().
std::string read_table(const std::filesystem::path& path, ExitCode code);

/// `path` as it can be written down for readers elsewhere: absolute, or as it is where that is no
/// UTF-8.
std::string absolute_text(const std::filesystem::path& path);

}  // namespace snn
