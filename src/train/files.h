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

/// The bytes of a regular file. Throws Error(code) that names it and what the system says.
std::string read_file(const std::filesystem::path& path, ExitCode code);

}  // namespace snn
