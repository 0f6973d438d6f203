#pragma once

#include <optional>
#include <string_view>

namespace snn {

/// Parses true, yes, on, y and 1, or false, no, off, n and 0, ignoring case; returns nothing for
/// other texts. YAML 1.1 and 1.2 have these words, Python some of them.
std::optional<bool> parse_boolean(std::string_view text);

}  // namespace snn
