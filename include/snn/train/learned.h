#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "snn/engine/host_tensor.h"
#include "snn/network/network_spec.h"

namespace snn {

/// A learned parameter of a layer's neurons, as stored. If the layer has one value for all neurons,
/// the three numbers are equal.
struct LearnedParameter {
  std::string name;       ///< see learned_name(): "beta", "graded_spikes_factor"
  std::size_t layer = 1;  ///< from 1
  bool is_per_neuron = false;
  double mean = 0.0, min = 0.0, max = 0.0;

  bool operator==(const LearnedParameter&) const = default;
};

/// Its name in summary.json and messages: "lif1.beta". `neurons` is the name of the layer's
/// neurons, neuron_name().
std::string full_name(const LearnedParameter& parameter, const std::string& neurons);

/// The names of what any neuron model can learn ("graded_spikes_factor"), without duplicates.
const std::vector<std::string>& learnable_tensors();

/// The option that the neurons of the parameter's layer have for it; empty if they have none.
std::optional<Field> field_of(const LearnedParameter& parameter, const NetworkSpec& network);

/// True if the network's neurons have learnable parameters.
bool learns_neurons(const NetworkSpec& network);

/// The learned parameters, layer by layer, from the tensors of a network's state.
std::vector<LearnedParameter> learned_parameters(const NetworkSpec& network,
                                                 const HostTensors& tensors);

/// "outside [0, 1]" or "not above 0" if a learned value has left its range, else empty.
std::string range_problem(const LearnedParameter& parameter, const NetworkSpec& network);

/// "0.93", or "mean 0.93, 0.5 to 1.39" for per-neuron values.
std::string shown_value(const LearnedParameter& parameter);

}  // namespace snn
