#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snn/train/options.h"

namespace snn {

/// The values in `a,b,[c,d]`: commas separate outside of brackets, braces and quotes. An item with
/// an equals sign but no colon goes on with the item before it: `sfs:slope=25,b=1,atan` are two.
std::vector<std::string> split_values(std::string_view text);

/// The same of `a,b` or `[a, b]`, which is one list.
std::vector<std::string> split_list(std::string_view text);

/// The names of all options, in the table's order.
const std::vector<std::string>& option_names();

/// What the option that `name` means is called; `name` in kebab-case if it means none.
std::string option_name(std::string_view name);

/// Whether nothing comes of this option: `layers` says what it would, or it is one of leaky neurons
/// and the neurons are others.
bool is_without_effect(const Option& option, const Config& config);

/// What is wrong with the number of values of a per-layer option ("expected 1 value or 2 (one for
/// each layer), found 3"), or nothing.
std::string per_layer_problem(const Option& option, const Config& config);

/// How a message calls an option that `origin` set: "--beta" or "study.yaml line 7: beta".
std::string label(std::string_view origin, std::string_view name);

}  // namespace snn
