#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// The content of an IDX file of unsigned bytes, by its magic number.
enum class IdxKind : std::uint32_t {
  kLabels = 0x801,  ///< one dimension: count
  kImages = 0x803,  ///< three dimensions: count, rows, columns
};

struct IdxContent {
  std::vector<std::int64_t> dimensions;  ///< none is zero
  std::vector<std::uint8_t> values;      ///< their number is the product of the dimensions
  std::uint32_t crc = 0;                 ///< CRC-32 of the uncompressed file, header included
};

/// Continues the CRC-32 `crc` with `bytes`.
std::uint32_t continue_crc(std::uint32_t crc, std::string_view bytes);

/// Reads the IDX file at `path`, raw or gzipped (detected by content, since some browsers
/// decompress a .gz and keep its name). `crc` is the CRC of the preceding bytes, for a sum over
/// several files. Throws Error(kData) if anything is wrong; `remedy` is the advice in its message
/// for a damaged file.
IdxContent read_idx(const std::filesystem::path& path, IdxKind kind, const std::string& remedy,
                    std::uint32_t crc = 0);

}  // namespace snn
