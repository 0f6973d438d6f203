#include "cli/layout.h"

#include <sys/ioctl.h>

#include <algorithm>

#include "snn/text/text.h"

namespace snn::cli {
namespace {

// Characters of UTF-8, each of which is taken for one column wide.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

int columns_of(int descriptor) {
  winsize size{};
  const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kDefaultColumns;
}

std::string wrapped(std::string_view text, std::size_t start, std::size_t columns) {
  std::string result;
  std::size_t used = start;
  for (const std::string& word : split(std::string(text), ' ')) {
    const std::size_t width = width_of(word);
    const bool is_first = result.empty();
    if (!is_first && used + 1 + width > columns) {
      result += "\n" + std::string(start, ' ');
      used = start;
    } else if (!is_first) {
      result += ' ';
      ++used;
    }
    result += word;
    used += width;
  }
  return result;
}

std::string shortened(const std::string& text, std::size_t columns) {
  constexpr std::string_view kGap = "..";
  if (text.size() <= columns) return text;
  if (columns <= kGap.size()) return text.substr(0, columns);
  const std::size_t kept = columns - kGap.size(), end = kept / 2;
  return text.substr(0, kept - end) + std::string(kGap) + text.substr(text.size() - end);
}

}  // namespace snn::cli
