#pragma once

#include <string>
#include <string_view>

namespace snn {

/// The text in the bytes of a file, as UTF-8 with \n as the only line end: a byte order mark is
/// dropped, UTF-16 (told by its byte order mark) is converted, \r\n and a lone \r become \n. Bytes
/// that are no text in their encoding stay recognisable: UTF-8 is passed on unchecked, a lone
/// surrogate of UTF-16 becomes U+FFFD.
std::string decode_text(std::string_view bytes);

}  // namespace snn
