#pragma once

#include <optional>
#include <string_view>

namespace snn {

/// true, yes, on, y and 1, false, no, off, n and 0, in letters of any case; nothing for another
/// text. YAML 1.1 and 1.2 have these words, Python some.
std::optional<bool> parse_boolean(std::string_view text);

}  // namespace snn
