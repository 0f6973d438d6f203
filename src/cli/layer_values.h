#pragma once

#include <string>

#include "snn/train/config.h"

namespace snn::cli {

/// What was understood where an option has a list, a value for each layer:
/// "threshold 1 (hidden), 5 (output)". Empty if there is none. Where a decimal comma is usual, a
/// list that could be one number is followed by how that is written.
std::string layer_values(const Config& config);

/// Whether the user's locale writes numbers with a decimal comma, as LC_ALL, LC_NUMERIC and LANG
/// say. A locale that is not installed is judged by its language.
bool has_decimal_comma();

}  // namespace snn::cli
