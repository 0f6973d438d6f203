#include "text/boolean.h"

#include <algorithm>
#include <array>

#include "text/message.h"

namespace snn {

std::optional<bool> parse_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 5> kTrue = {"true", "yes", "on", "y", "1"};
  constexpr std::array<std::string_view, 5> kFalse = {"false", "no", "off", "n", "0"};
  const std::string word = lower_case(text);
  if (std::ranges::find(kTrue, word) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, word) != kFalse.end()) return false;
  return std::nullopt;
}

}  // namespace snn
