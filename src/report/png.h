#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace snn::report {

/// The bytes of a PNG file of a grey picture, row by row.
std::string grey_png(std::int64_t rows, std::int64_t columns, std::span<const std::uint8_t> pixels);

/// `bytes` in Base64.
std::string base64(std::string_view bytes);

}  // namespace snn::report
