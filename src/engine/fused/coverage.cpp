#include "engine/fused/coverage.h"

#include <variant>

namespace snn::fused {

std::string uncovered(const LayerSpec& layer) {
  if (layer.synapse.size() != 1) return "a chain of several operations";
  if (!std::holds_alternative<LinearSpec>(layer.synapse[0])) {
    return std::visit([](const auto& spec) { return std::string(spec.kName); }, layer.synapse[0]);
  }
  const auto* leaky = std::get_if<LeakyOptions>(&layer.neuron);
  if (leaky == nullptr) return std::string(name_of(kind_of(layer.neuron))) + " neurons";
  if (leaky->inhibition()) return "inhibition";
  // Its draws depend on the last bits of a membrane, which are the kernels' own.
  if (leaky->surrogate().kind == SurrogateKind::kSso) return "the surrogate sso";
  const bool is_graded =
      leaky->learn_graded_spikes_factor() || leaky->graded_spikes_factor() != PerNeuron(1.0);
  return is_graded ? "a graded-spikes-factor" : "";
}

std::string uncovered(const NetworkSpec& network) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const std::string what = uncovered(network.layers[i]);
    if (!what.empty()) return what + " (layer " + std::to_string(i + 1) + ")";
  }
  return "";
}

std::string uncovered(const Regularizer& regularizer) {
  return regularizer.terms.empty() ? "" : "the regulariser " + to_string(regularizer);
}

}  // namespace snn::fused
