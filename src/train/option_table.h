#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snn/train/option.h"

namespace snn {

/// The names of all options, in the table's order.
const std::vector<std::string>& option_names();

/// The option that `name` denotes. Throws Error(kUsage) with the nearest known one.
const Option& option_called(std::string_view name);

/// The name of the option that `name` denotes; `name` in kebab-case if there is none.
std::string option_name(std::string_view name);

/// True if the option's value is one of its choices, which messages should then list.
bool lists_choices(const Option& option);

/// The option's help, followed by `choices` if it lists them, by the range of its values and by
/// what some neuron models state differently.
std::string meaning_of(const Option& option, const std::vector<std::string>& choices);

/// True if an option has no effect: `layers` replaces it, or the network has no neurons that use
/// it.
bool is_without_effect(const Option& option, const Config& config);

/// The number of layers that the options of neurons describe: all, or, with a `readout`, those
/// before the last.
std::size_t described_layers(const Config& config);

/// The problem with the number of values of a per-layer option ("expected 1 value or 2 (one for
/// each layer), found 3"), or nothing.
std::string per_layer_problem(const Option& option, const Config& config);

/// The name in messages of an option set by `origin`: "--beta" or "study.yaml line 7: beta".
std::string label(std::string_view origin, std::string_view name);

}  // namespace snn
