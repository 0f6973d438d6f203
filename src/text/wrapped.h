#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace snn {

/// `text` broken at spaces into lines of at most `columns` characters; the first one starts at
/// `start`, the others after `indent`, which is as many spaces if it is not given. A word that is
/// longer stands on a line of its own. No line feed at the end.
std::string wrapped(std::string_view text, std::size_t start, std::size_t columns);
std::string wrapped(std::string_view text, std::size_t start, std::size_t columns,
                    std::string_view indent);

}  // namespace snn
