#include "report/png.h"

#include <zlib.h>

#include <stdexcept>
#include <string_view>

namespace snn::report {
namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string chunk(std::string_view type, std::string_view content) {
  const std::string body = std::string(type) + std::string(content);
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(content.size())) + body +
         big_endian(static_cast<std::uint32_t>(crc));
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
                Z_BEST_COMPRESSION) != Z_OK) {
    throw std::runtime_error("zlib cannot compress a picture");
  }
  packed.resize(size);
  return packed;
}

}  // namespace

// https://www.w3.org/TR/png: 8 bits of grey, no filter, not interlaced.
std::string grey_png(std::int64_t rows, std::int64_t columns,
                     std::span<const std::uint8_t> pixels) {
  std::string lines;
  for (std::int64_t row = 0; row < rows; ++row) {
    lines += '\0';
    for (std::int64_t column = 0; column < columns; ++column) {
      lines += static_cast<char>(pixels[static_cast<std::size_t>(row * columns + column)]);
    }
  }
  const std::string header = big_endian(static_cast<std::uint32_t>(columns)) +
                             big_endian(static_cast<std::uint32_t>(rows)) +
                             std::string("\x08\x00\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", deflated(lines)) +
         chunk("IEND", "");
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool is_padding = i + k > bytes.size();
      text += is_padding ? '=' : kDigits[three >> (18 - 6 * k) & 63];
    }
  }
  return text;
}

}  // namespace snn::report
