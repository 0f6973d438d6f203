#include "engine/fused/coverage.h"

#include <variant>

#include "kernels/neuron_model.h"

namespace snn::fused {

std::string uncovered(const LayerSpec& layer) {
  const std::vector<SynapseSpec>& chain = layer.synapse;
  for (const SynapseSpec& operation : chain) {
    if (std::holds_alternative<LinearSpec>(operation)) continue;
    if (std::holds_alternative<DropoutSpec>(operation)) continue;
    return std::visit([](const auto& spec) { return std::string(spec.kName); }, operation);
  }
  const bool has_dropout = std::holds_alternative<DropoutSpec>(chain.front());
  if (chain.size() != (has_dropout ? 2 : 1) || !std::holds_alternative<LinearSpec>(chain.back())) {
    return "a chain of other operations than dropout and linear";
  }
  return kernels::without_model(layer.neuron);
}

std::string uncovered(const NetworkSpec& network) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    std::string what = uncovered(network.layers[i]);
    const bool is_last = i + 1 == network.layers.size();
    if (what.empty() && !is_last && !has_spikes(network.layers[i].neuron)) {
      return std::string(name_of(kind_of(network.layers[i].neuron))) +
             " neurons before the last layer";
    }
    if (i == 0 && what.empty() && network.layers[i].synapse.size() > 1) {
      what = "dropout of the input";
    }
    if (!what.empty()) return what + " (layer " + std::to_string(i + 1) + ")";
  }
  return "";
}

}  // namespace snn::fused
