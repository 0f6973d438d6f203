#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "text/wrapped.h"

namespace snn::cli {

/// The output width for files and pipes, and for terminals of unknown width.
inline constexpr int kDefaultColumns = 80;

/// The width of the terminal `descriptor`, or kDefaultColumns if it is none.
int columns_of(int descriptor);

/// `text` if it has at most `columns` characters, else its start and end with two dots between,
/// since texts with the same start often differ at the end.
std::string shortened(const std::string& text, std::size_t columns);

}  // namespace snn::cli
