#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/neurons/leaky_options.h"

namespace snn {

/// A fully connected synapse: current = W x + b. Its inputs are what the layer before it puts out.
struct LinearSpec {
  std::int64_t outputs = 0;
  bool bias = true;
  bool operator==(const LinearSpec&) const = default;
};

using SynapseSpec = std::variant<LinearSpec>;
using NeuronSpec = std::variant<LeakyOptions>;

/// A synapse and the neurons it feeds.
struct LayerSpec {
  SynapseSpec synapse;
  NeuronSpec neuron;
  bool operator==(const LayerSpec&) const = default;
};

/// Everything that fixes a network's shape and behaviour, apart from its weights.
struct NetworkSpec {
  SampleShape sample_shape;       ///< of the input, without batch and time
  std::vector<LayerSpec> layers;  ///< the last one's neurons are the classes
  bool operator==(const NetworkSpec&) const = default;
};

/// The number of values that enter layer `index`, and that leave it.
std::int64_t layer_inputs(const NetworkSpec& spec, std::size_t index);
std::int64_t layer_outputs(const NetworkSpec& spec, std::size_t index);

/// Throws Error(kUsage) for a network that cannot be built: no layers, a width below 1, per-neuron
/// values that are neither one nor one per neuron, a threshold that is not positive.
void check(const NetworkSpec& spec);

/// The number of values that training changes.
std::int64_t parameter_count(const NetworkSpec& spec);

/// `784-500-10`.
std::string describe(const NetworkSpec& spec);

/// JSON, on one line, with every option stated; and back. `layers_*` are for the list alone:
/// `[{"linear": {"outputs": 500}, "leaky": {"beta": 0.9}}, …]`, where what is left out is default.
/// Throw Error(kUsage) that names the layer and the key that is wrong, with the nearest known one.
std::string to_json(const NetworkSpec& spec);
NetworkSpec network_spec_from_json(std::string_view json);
std::string layers_to_json(const std::vector<LayerSpec>& layers);
std::vector<LayerSpec> layers_from_json(std::string_view json);

}  // namespace snn
