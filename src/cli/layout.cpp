#include "cli/layout.h"

#include <sys/ioctl.h>

#include <string>

namespace snn::cli {

int columns_of(int descriptor) {
  winsize size{};
  const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kDefaultColumns;
}

std::string shortened(const std::string& text, std::size_t columns) {
  constexpr std::string_view kGap = "..";
  if (text.size() <= columns) return text;
  if (columns <= kGap.size()) return text.substr(0, columns);
  const std::size_t kept = columns - kGap.size(), end = kept / 2;
  return text.substr(0, kept - end) + std::string(kGap) + text.substr(text.size() - end);
}

}  // namespace snn::cli
