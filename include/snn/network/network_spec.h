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

#include "snn/network/neurons/adlif_options.h"
#include "snn/network/neurons/alpha_options.h"
#include "snn/network/neurons/delta_leaky_options.h"
#include "snn/network/neurons/lapicque_options.h"
#include "snn/network/neurons/leaky_options.h"
#include "snn/network/neurons/leaky_parallel_options.h"
#include "snn/network/neurons/li_options.h"
#include "snn/network/neurons/plif_options.h"
#include "snn/network/neurons/relu_options.h"
#include "snn/network/neurons/rleaky_options.h"
#include "snn/network/neurons/rsynaptic_options.h"
#include "snn/network/neurons/slstm_options.h"
#include "snn/network/neurons/state_leaky_options.h"
#include "snn/network/neurons/synaptic_options.h"
#include "snn/network/synapses/delay_spec.h"
#include "snn/network/synapses/delayed_linear_spec.h"
#include "snn/network/synapses/dropout_spec.h"
#include "snn/network/synapses/graded_spikes_spec.h"
#include "snn/network/synapses/linear_spec.h"
#include "snn/numeric/shape.h"
#include "snn/text/names.h"

namespace snn {

/// All synaptic operations and neuron models: add a new one here and in the includes above.
/// Everything else follows from its fields() (field.h).
using SynapseSpec =
    std::variant<LinearSpec, DelayedLinearSpec, DelaySpec, GradedSpikesSpec, DropoutSpec>;
using NeuronSpec =
    std::variant<LeakyOptions, ReluOptions, LapicqueOptions, SynapticOptions, AlphaOptions,
                 PlifOptions, AdlifOptions, LiOptions, DeltaLeakyOptions, StateLeakyOptions,
                 LeakyParallelOptions, RleakyOptions, RsynapticOptions, SlstmOptions>;

/// A neuron model: its index in NeuronSpec. Its name is the kName of its options.
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
/// The neuron model that has these options: `kKindOf<LeakyOptions>`.
template <class Options>
inline constexpr NeuronKind kKindOf = []<class... Kinds>(const std::variant<Kinds...>*) {
  std::size_t index = 0;
  const bool is_known = ((std::is_same_v<Options, Kinds> || (++index, false)) || ...);
  return is_known ? NeuronKind{index} : throw "no kind of neurons";
}(static_cast<const NeuronSpec*>(nullptr));
/// Neurons of that model with default options.
NeuronSpec default_neuron(NeuronKind kind);
/// True if the neurons' output is spikes; otherwise it is a real number.
bool has_spikes(const NeuronSpec& neuron);

/// A chain of synaptic operations, the first applied to the output of the previous layer, and the
/// neurons that the last one feeds.
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

/// The complete definition of a network except its weights.
struct NetworkSpec {
  Shape sample_shape;  ///< shape of the input, without batch and time
  /// The neurons of the last layer are the classes. If they do not spike, their output is the
  /// unchanged current: the logits of a non-spiking network.
  std::vector<LayerSpec> layers;
  bool operator==(const NetworkSpec&) const = default;
};

/// The output shape of an operation or a layer for an input of that shape. An empty shape is
/// unknown.
Shape output_shape(const SynapseSpec& operation, const Shape& input);
Shape output_shape(const LayerSpec& layer, const Shape& input);
/// The input and output shapes of layer `index`.
Shape input_shape(const NetworkSpec& spec, std::size_t index);
Shape output_shape(const NetworkSpec& spec, std::size_t index);
/// The number of neurons of layer `index`.
std::int64_t neuron_count(const NetworkSpec& spec, std::size_t index);
/// The number of neurons of the last layer.
std::int64_t output_count(const NetworkSpec& spec);

/// The name of the neurons of layer `index`, by snnTorch's convention: lif1, relu2.
std::string neuron_name(const NetworkSpec& spec, std::size_t index);
/// The name of one of its operations: fc1. The second one of the same kind in the chain is fc1_2.
std::string synapse_name(const NetworkSpec& spec, std::size_t index, std::size_t operation = 0);

/// Throws Error(kUsage) for a network that cannot be built: no layers, a width below 1, lists that
/// have neither one value nor one per neuron, a threshold that is not positive.
void check(const NetworkSpec& spec);

/// The first number that the library accepts but that is outside its intended range ("layer 1:
/// leaky: beta: expected a number in [0, 1], found 2"), or nothing.
std::string range_problem(const std::vector<LayerSpec>& layers);

/// The number of trainable values.
std::int64_t parameter_count(const NetworkSpec& spec);

/// A short description: `784-500-10`; with neurons other than leaky `784-500-10 relu`, or
/// `784-500-10 relu-leaky` if the layers differ.
std::string summary_of(const NetworkSpec& spec);

/// Conversion to JSON, on one line with every option, and back. `layers_*` convert only the list of
/// layers, in which a layer is its operations in order and then its neurons: `[{"linear":
/// {"outputs": 500}, "leaky": {"beta": 0.9}}, …]`. Omitted options are default. Throw Error(kUsage)
/// that names the layer, the wrong key and the nearest known one.
std::string to_json(const NetworkSpec& spec);
NetworkSpec network_spec_from_json(std::string_view json);
std::string layers_to_json(const std::vector<LayerSpec>& layers);
std::vector<LayerSpec> layers_from_json(std::string_view json);

}  // namespace snn
