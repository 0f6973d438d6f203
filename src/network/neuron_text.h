#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "snn/network/network_spec.h"

namespace snn {

/// Reads `KIND[:option=value[,option=value]]`, such as `li:beta=0.9`; a switch may be its name
/// alone. A value with parameters may be in brackets, `surrogate=[sfs:slope=9,b=2]`, and has to be
/// if a parameter has the name of an option. Options that are not stated are those of base(kind).
/// Throws Error(kUsage) that names the mistake.
NeuronSpec parse_neuron(std::string_view text,
                        const std::function<NeuronSpec(NeuronKind)>& base = default_neuron);

/// The text with the options that are not default; parse_neuron() reads it back. Options with a
/// value per neuron have no text.
std::string neuron_text(const NeuronSpec& neuron);

}  // namespace snn
