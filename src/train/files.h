#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "snn/error.h"

namespace snn {

/// Whether a file must outlast a power cut. Waiting for the disk takes some milliseconds.
enum class Flush { kToDisk, kNever };

/// Replaces `path` by `bytes` whole or not at all: they are written beside it, flushed to the disk
/// unless the file can be made anew at any time, and renamed. One process at a time may do so for a
/// path. Throws Error(kInternal) when the system refuses (a full disk); `path` is then as it was.
void write_file(const std::filesystem::path& path, std::string_view bytes,
                Flush flush = Flush::kToDisk);

/// Has `bytes` follow the first `kept` bytes of `path`, and nothing else: in place, for those who
/// follow the file while it grows, and flushed to the disk. Throws Error(kInternal) when the system
/// refuses; what is left may then be a part of it.
void replace_end(const std::filesystem::path& path, std::uintmax_t kept, std::string_view bytes);

/// Removes a file if it is there. Throws Error(kInternal) when the system refuses.
void remove_file(const std::filesystem::path& path);

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

/// A descriptor that holds the lock of a folder until it is closed, or -1 with errno set:
/// EWOULDBLOCK if another holds it. It ends with the process at the latest, however that ends;
/// programs that are started do not inherit it.
int lock_folder(const std::filesystem::path& folder);

}  // namespace snn
