#pragma once

#include <string>
#include <vector>

#include "snn/network/network_spec.h"
#include "snn/train/config.h"
#include "snn/train/option.h"

namespace snn {

/// The options made from the fields of all neuron models, without duplicate names, for `group`.
std::vector<Option> neuron_options(Group group, Scope scope);

/// The problem with the values of an option for the neuron model of `config`, whose range may be
/// narrower than that of other models with the option; or nothing.
std::string problem_of_kind(const Option& option, const Config& config);

/// The neurons of layer `index` by `config`: those of its options, or, of the last layer, its
/// readout. Every option has one value, or one per described layer (option_table.h). Throws
/// Error(kUsage) for a value that they do not accept.
NeuronSpec neuron_of_layer(const Config& config, std::size_t index);

}  // namespace snn
