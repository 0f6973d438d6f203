#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/network/neurons/leaky_options.h"
#include "snn/network/neurons/relu_options.h"
#include "snn/text/names.h"

namespace snn {

/// A fully connected synapse: current = W x + b. Its inputs are what the layer before it puts out.
struct LinearSpec {
  std::int64_t outputs = 0;
  bool bias = true;
  bool operator==(const LinearSpec&) const = default;
};

using SynapseSpec = std::variant<LinearSpec>;
using NeuronSpec = std::variant<LeakyOptions, ReluOptions>;

/// What stands in a NeuronSpec, in the order of its alternatives.
enum class NeuronKind {
  kLeaky,  ///< leaky integrate-and-fire (neurons/leaky.h)
  kRelu,   ///< max(0, current), the neuron of ordinary networks (neurons/relu.h)
};
template <>
struct Names<NeuronKind> {
  static constexpr std::pair<NeuronKind, std::string_view> table[] = {{NeuronKind::kLeaky, "leaky"},
                                                                      {NeuronKind::kRelu, "relu"}};
};

inline NeuronKind kind_of(const NeuronSpec& neuron) {
  return static_cast<NeuronKind>(neuron.index());
}
/// Whether what the neurons pass on are spikes; else it is any number.
inline bool has_spikes(const NeuronSpec& neuron) { return kind_of(neuron) != NeuronKind::kRelu; }

/// A synapse and the neurons it feeds.
struct LayerSpec {
  SynapseSpec synapse;
  NeuronSpec neuron;
  bool operator==(const LayerSpec&) const = default;
};

/// Everything that fixes a network's shape and behaviour, apart from its weights.
struct NetworkSpec {
  SampleShape sample_shape;  ///< of the input, without batch and time
  /// The last one's neurons are the classes. Those that are relu put out their current as it is,
  /// the logits of an ordinary network.
  std::vector<LayerSpec> layers;
  bool operator==(const NetworkSpec&) const = default;
};

/// The number of values that enter layer `index`, and that leave it.
std::int64_t layer_inputs(const NetworkSpec& spec, std::size_t index);
std::int64_t layer_outputs(const NetworkSpec& spec, std::size_t index);

/// What the neurons of layer `index` are called, as snnTorch's users do: lif1, relu2.
std::string neuron_name(const NetworkSpec& spec, std::size_t index);

/// Throws Error(kUsage) for a network that cannot be built: no layers, a width below 1, per-neuron
/// values that are neither one nor one per neuron, a threshold that is not positive.
void check(const NetworkSpec& spec);

/// The number of values that training changes.
std::int64_t parameter_count(const NetworkSpec& spec);

/// `784-500-10`; with other neurons than leaky ones `784-500-10 relu`, or `784-500-10 relu-leaky`
/// where they differ.
std::string describe(const NetworkSpec& spec);

/// JSON, on one line, with every option stated; and back. `layers_*` are for the list alone:
/// `[{"linear": {"outputs": 500}, "leaky": {"beta": 0.9}}, …]`, where what is left out is default;
/// other neurons are `"relu": {}`.
/// Throw Error(kUsage) that names the layer and the key that is wrong, with the nearest known one.
std::string to_json(const NetworkSpec& spec);
NetworkSpec network_spec_from_json(std::string_view json);
std::string layers_to_json(const std::vector<LayerSpec>& layers);
std::vector<LayerSpec> layers_from_json(std::string_view json);

}  // namespace snn
