#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace snn {

/// Breaks `text` at spaces into lines of at most `columns` characters; the first line starts at
/// column `start`, the others after `indent`, which defaults to `start` spaces. A longer word gets
/// its own line. There is no line feed at the end.
std::string wrapped(std::string_view text, std::size_t start, std::size_t columns);
std::string wrapped(std::string_view text, std::size_t start, std::size_t columns,
                    std::string_view indent);

}  // namespace snn
