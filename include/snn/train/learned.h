#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "snn/engine/host_tensor.h"
#include "snn/network/network_spec.h"

namespace snn {

/// A learned parameter of a layer's neurons, as stored. If the layer has one value for all neurons,
/// the three numbers are equal.
struct LearnedParameter {
  std::string name;       ///< name of the tensor: "beta", "graded_spikes_factor"
  std::size_t layer = 1;  ///< from 1
  bool is_per_neuron = false;
  double mean = 0.0, min = 0.0, max = 0.0;

  std::string full_name() const { return "lif" + std::to_string(layer) + "." + name; }
  bool operator==(const LearnedParameter&) const = default;
};

/// The learnable options of all neuron models, without duplicate names.
const std::vector<Field>& learnable_fields();
/// The learnable option whose tensor has that name ("graded_spikes_factor"), or null.
const Field* learnable_field(std::string_view tensor);

/// True if the network's neurons have learnable parameters.
bool learns_neurons(const NetworkSpec& network);

/// The learned parameters, layer by layer, from the tensors of a network's state.
std::vector<LearnedParameter> learned_parameters(const NetworkSpec& network,
                                                 const HostTensors& tensors);

/// "outside [0, 1]" or "not above 0" if a learned value has left its range, else empty.
std::string range_problem(const LearnedParameter& parameter);

/// "0.93", or "mean 0.93, 0.5 to 1.39" for per-neuron values.
std::string shown_value(const LearnedParameter& parameter);

}  // namespace snn
