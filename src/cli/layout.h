#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace snn::cli {

/// What is printed is as wide as the terminal that it goes to, and this wide where it goes to a
/// file or pipe, or where the terminal does not say.
inline constexpr int kDefaultColumns = 80;

/// The width of the terminal that `descriptor` is, or kDefaultColumns.
int columns_of(int descriptor);

/// `text` broken at spaces into lines of at most `columns` characters; the first one starts at
/// `start`, the others are indented to it. A word that is longer stands on a line of its own. No
/// line feed at the end.
std::string wrapped(std::string_view text, std::size_t start, std::size_t columns);

/// `text` if it has at most `columns` characters, else its start and end with two dots between:
/// what has the same start is told apart by its end.
std::string shortened(const std::string& text, std::size_t columns);

}  // namespace snn::cli
