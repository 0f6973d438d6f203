#include "engine/fused/coverage.h"

#include <variant>

#include "kernels/neuron_model.h"

namespace snn::fused {

std::string uncovered(const LayerSpec& layer) {
  if (layer.synapse.size() != 1) return "a chain of several operations";
  if (!std::holds_alternative<LinearSpec>(layer.synapse[0])) {
    return std::visit([](const auto& spec) { return std::string(spec.kName); }, layer.synapse[0]);
  }
  return kernels::without_model(layer.neuron);
}

std::string uncovered(const NetworkSpec& network) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const std::string what = uncovered(network.layers[i]);
    const bool is_last = i + 1 == network.layers.size();
    if (what.empty() && !is_last && !has_spikes(network.layers[i].neuron)) {
      return std::string(name_of(kind_of(network.layers[i].neuron))) +
             " neurons before the last layer";
    }
    if (!what.empty()) return what + " (layer " + std::to_string(i + 1) + ")";
  }
  return "";
}

}  // namespace snn::fused
