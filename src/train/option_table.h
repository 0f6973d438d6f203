#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snn/train/option.h"

namespace snn {

/// The names of all options, in the table's order.
const std::vector<std::string>& option_names();

/// The option that `name` means. Throws Error(kUsage) with the nearest known one.
const Option& option_called(std::string_view name);

/// What the option that `name` means is called; `name` in kebab-case if it means none.
std::string option_name(std::string_view name);

/// Whether the option's value is one of its choices, so that they are worth listing.
bool lists_choices(const Option& option);

/// Whether an option has no effect: `layers` says what it would, or it is of other neurons than
/// these.
bool is_without_effect(const Option& option, const Config& config);

/// What is wrong with the number of values of a per-layer option ("expected 1 value or 2 (one for
/// each layer), found 3"), or nothing.
std::string per_layer_problem(const Option& option, const Config& config);

/// How a message calls an option that `origin` set: "--beta" or "study.yaml line 7: beta".
std::string label(std::string_view origin, std::string_view name);

}  // namespace snn
