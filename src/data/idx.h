#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// What an IDX file of unsigned bytes holds, by its magic number.
enum class IdxKind : std::uint32_t {
  kLabels = 0x801,  ///< one dimension: count
  kImages = 0x803,  ///< three dimensions: count, rows, columns
};

struct IdxContent {
  std::vector<std::int64_t> dimensions;  ///< none is zero
  std::vector<std::uint8_t> values;      ///< as many as the product of the dimensions
  std::uint32_t crc = 0;                 ///< CRC-32 of the file, unpacked, header included
};

/// The CRC-32 of what `crc` is of, followed by `bytes`.
std::uint32_t continue_crc(std::uint32_t crc, std::string_view bytes);

/// Reads the IDX file at `path`, raw or gzipped (told apart by content, since some browsers unpack
/// a .gz and keep its name). `crc` continues the CRC of the bytes before, to sum over files.
/// Throws Error(kData) if anything is wrong; `remedy` is what its message tells the user to do
/// about a damaged file.
IdxContent read_idx(const std::filesystem::path& path, IdxKind kind, const std::string& remedy,
                    std::uint32_t crc = 0);

}  // namespace snn
