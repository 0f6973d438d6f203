#pragma once

#include <string>
#include <string_view>

namespace snn {

/// Decodes the bytes of a text file to UTF-8 with \n as the only line end: a byte order mark is
/// dropped, UTF-16 (detected by its byte order mark) is converted, \r\n and a lone \r become \n.
/// Invalid bytes stay recognisable: UTF-8 is passed on unchecked, a lone surrogate of UTF-16
/// becomes U+FFFD.
std::string decode_text(std::string_view bytes);

}  // namespace snn
