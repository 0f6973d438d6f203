#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "snn/network/neurons/lapicque_options.h"
#include "snn/network/neurons/leaky_options.h"
#include "snn/network/neurons/relu_options.h"
#include "snn/network/synapses/linear_spec.h"
#include "snn/numeric/shape.h"
#include "snn/text/names.h"

namespace snn {

/// The kinds of synaptic operations and of neurons: to add one is to add it here, and the include
/// above. Everything that is done with them follows from their fields() (field.h).
using SynapseSpec = std::variant<LinearSpec>;
using NeuronSpec = std::variant<LeakyOptions, ReluOptions, LapicqueOptions>;

/// A kind of neurons: its place in NeuronSpec. Its name is the kind's kName.
enum class NeuronKind : std::size_t {};
template <>
struct Names<NeuronKind> {
  static constexpr auto table = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<std::pair<NeuronKind, std::string_view>, sizeof...(I)>{
        {{NeuronKind{I}, std::variant_alternative_t<I, NeuronSpec>::kName}...}};
  }
  (std::make_index_sequence<std::variant_size_v<NeuronSpec>>());
};

inline NeuronKind kind_of(const NeuronSpec& neuron) { return NeuronKind{neuron.index()}; }
/// The kind of neurons that have these options: `kKindOf<LeakyOptions>`.
template <class Options>
inline constexpr NeuronKind kKindOf = []<class... Kinds>(const std::variant<Kinds...>*) {
  std::size_t index = 0;
  const bool is_known = ((std::is_same_v<Options, Kinds> || (++index, false)) || ...);
  return is_known ? NeuronKind{index} : throw "no kind of neurons";
}(static_cast<const NeuronSpec*>(nullptr));
/// Neurons of that kind with their defaults.
NeuronSpec default_neuron(NeuronKind kind);
/// Whether what the neurons pass on are spikes; else it is any number.
bool has_spikes(const NeuronSpec& neuron);

/// A chain of synaptic operations, the first on what the layer before puts out, and the neurons
/// that the last one feeds.
struct LayerSpec {
  std::vector<SynapseSpec> synapse;
  NeuronSpec neuron;

  LayerSpec() = default;
  LayerSpec(const SynapseSpec& operation, NeuronSpec neuron_)
      : synapse{operation}, neuron(std::move(neuron_)) {}
  LayerSpec(std::vector<SynapseSpec> chain, NeuronSpec neuron_)
      : synapse(std::move(chain)), neuron(std::move(neuron_)) {}
  bool operator==(const LayerSpec&) const = default;
};

/// Everything that fixes a network's shape and behaviour, apart from its weights.
struct NetworkSpec {
  Shape sample_shape;  ///< of the input, without batch and time
  /// The last one's neurons are the classes. Those that do not spike put out their current as it
  /// is, the logits of an ordinary network.
  std::vector<LayerSpec> layers;
  bool operator==(const NetworkSpec&) const = default;
};

/// What an operation, or a layer, makes of an input of that shape. An empty shape is one that is
/// not known.
Shape output_shape(const SynapseSpec& operation, const Shape& input);
Shape output_shape(const LayerSpec& layer, const Shape& input);
/// What enters layer `index`, and what leaves it.
Shape input_shape(const NetworkSpec& spec, std::size_t index);
Shape output_shape(const NetworkSpec& spec, std::size_t index);
/// The neurons of layer `index`.
std::int64_t neuron_count(const NetworkSpec& spec, std::size_t index);
/// The neurons of the last layer.
std::int64_t class_count(const NetworkSpec& spec);

/// What the neurons of layer `index` are called, as snnTorch's users do: lif1, relu2.
std::string neuron_name(const NetworkSpec& spec, std::size_t index);
/// The same of one of its operations: fc1. A second one of its kind in the chain is fc1_2.
std::string synapse_name(const NetworkSpec& spec, std::size_t index, std::size_t operation = 0);

/// Throws Error(kUsage) for a network that cannot be built: no layers, a width below 1, per-neuron
/// values that are neither one nor one per neuron, a threshold that is not positive.
void check(const NetworkSpec& spec);

/// What is wrong with numbers that the library takes but no person means ("layer 1: leaky: beta:
/// expected a number in [0, 1], found 2"), or nothing.
std::string range_problem(const std::vector<LayerSpec>& layers);

/// The number of values that training changes.
std::int64_t parameter_count(const NetworkSpec& spec);

/// For people: `784-500-10`; with other neurons than leaky ones `784-500-10 relu`, or
/// `784-500-10 relu-leaky` where they differ.
std::string summary_of(const NetworkSpec& spec);

/// JSON, on one line, with every option stated; and back. `layers_*` are for the list alone, in
/// which a layer is its operations in order and then its neurons:
/// `[{"linear": {"outputs": 500}, "leaky": {"beta": 0.9}}, …]`. What is left out is default.
/// Throw Error(kUsage) that names the layer and the key that is wrong, with the nearest known one.
std::string to_json(const NetworkSpec& spec);
NetworkSpec network_spec_from_json(std::string_view json);
std::string layers_to_json(const std::vector<LayerSpec>& layers);
std::vector<LayerSpec> layers_from_json(std::string_view json);

}  // namespace snn
