#include "text/wrapped.h"

#include <algorithm>

#include "snn/text/text.h"

namespace snn {
namespace {

// The number of UTF-8 characters, each of which is assumed to be one column wide.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t start, std::size_t columns) {
  return wrapped(text, start, columns, std::string(start, ' '));
}

std::string wrapped(std::string_view text, std::size_t start, std::size_t columns,
                    std::string_view indent) {
  std::string result;
  std::size_t used = start;
  for (const std::string& word : split(std::string(text), ' ')) {
    const std::size_t width = width_of(word);
    const bool is_first = result.empty();
    if (!is_first && used + 1 + width > columns) {
      result += "\n" + std::string(indent);
      used = width_of(indent);
    } else if (!is_first) {
      result += ' ';
      ++used;
    }
    result += word;
    used += width;
  }
  return result;
}

}  // namespace snn
