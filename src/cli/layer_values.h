#pragma once

#include <string>

#include "snn/train/config.h"

namespace snn::cli {

/// The interpretation of options with a list of per-layer values: "threshold 1 (hidden), 5
/// (output)". Empty if there are none. In locales with a decimal comma, a list that could be one
/// number is followed by the correct spelling of that number.
std::string layer_values(const Config& config);

/// True if the user's locale (LC_ALL, LC_NUMERIC, LANG) has a decimal comma. A locale that is not
/// installed is judged by its language.
bool has_decimal_comma();

}  // namespace snn::cli
