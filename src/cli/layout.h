#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "text/wrapped.h"

namespace snn::cli {

/// What is printed is as wide as the terminal that it goes to, and this wide where it goes to a
/// file or pipe, or where the terminal does not say.
inline constexpr int kDefaultColumns = 80;

/// The width of the terminal that `descriptor` is, or kDefaultColumns.
int columns_of(int descriptor);

/// `text` if it has at most `columns` characters, else its start and end with two dots between:
/// what has the same start is told apart by its end.
std::string shortened(const std::string& text, std::size_t columns);

}  // namespace snn::cli
