#include "text/unicode.h"

#include <cstddef>
#include <cstdint>

namespace snn {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LittleMark = "\xFF\xFE";
constexpr std::string_view kUtf16BigMark = "\xFE\xFF";

void append_utf8(std::uint32_t point, std::string& text) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | point >> 6);
    add(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    add(0xE0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3F));
    add(0x80 | (point & 0x3F));
  } else {
    add(0xF0 | point >> 18);
    add(0x80 | (point >> 12 & 0x3F));
    add(0x80 | (point >> 6 & 0x3F));
    add(0x80 | (point & 0x3F));
  }
}

std::string from_utf16(std::string_view bytes, bool is_big) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  const auto unit = [&](std::size_t at) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return is_big ? std::uint32_t{first} << 8 | second : std::uint32_t{second} << 8 | first;
  };
  const auto is_high = [](std::uint32_t u) { return u >= 0xD800 && u < 0xDC00; };
  const auto is_low = [](std::uint32_t u) { return u >= 0xDC00 && u < 0xE000; };
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const std::uint32_t first = unit(i);
    if (is_high(first) && i + 3 < bytes.size() && is_low(unit(i + 2))) {
      append_utf8(0x10000 + ((first - 0xD800) << 10) + (unit(i + 2) - 0xDC00), text);
      i += 2;
    } else {
      append_utf8(is_high(first) || is_low(first) ? kReplacement : first, text);
    }
  }
  if (bytes.size() % 2 != 0) append_utf8(kReplacement, text);  // an incomplete unit
  return text;
}

std::string with_plain_line_ends(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      plain += text[i];
      continue;
    }
    plain += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return plain;
}

}  // namespace

std::string decode_text(std::string_view bytes) {
  for (const std::string_view mark : {kUtf16LittleMark, kUtf16BigMark}) {
    if (!bytes.starts_with(mark)) continue;
    return with_plain_line_ends(from_utf16(bytes.substr(mark.size()), mark == kUtf16BigMark));
  }
  if (bytes.starts_with(kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
  return with_plain_line_ends(bytes);
}

}  // namespace snn
