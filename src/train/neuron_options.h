#pragma once

#include <string>
#include <vector>

#include "snn/network/network_spec.h"
#include "snn/train/config.h"
#include "snn/train/option.h"

namespace snn {

/// The options that the fields of all kinds of neurons are, one for each name, as `group` has them.
std::vector<Option> neuron_options(Group group, Scope scope);

/// What is wrong with the values of an option for the kind of neurons that `config` has, whose
/// range may be narrower than that of others with such an option; or nothing.
std::string problem_of_kind(const Option& option, const Config& config);

/// The neurons that `config` describes for layer `index`. Every option has one value, or one for
/// each layer. Throws Error(kUsage) for a value that they do not take.
NeuronSpec neuron_of_layer(const Config& config, std::size_t index);

}  // namespace snn
