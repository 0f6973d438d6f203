#include "snn/train/learned.h"

#include <algorithm>
#include <numeric>

#include "snn/text/text.h"
#include "train/learned_json.h"

namespace snn {
namespace {

bool is_learned(const LeakyOptions& options, std::string_view name) {
  if (name == "beta") return options.learn_beta();
  if (name == "threshold") return options.learn_threshold();
  return options.learn_graded_spikes_factor();
}

// The number that a float is written as: 0.95 and not 0.949999988079071.
double decimal(float value) {
  double number = value;
  parse_real(format_single(value), number);
  return number;
}

LearnedParameter summarize(const std::string& name, std::size_t layer, const HostTensor& tensor) {
  const auto& values = tensor.values;
  const auto [min, max] = std::ranges::minmax(values);
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  return {name,         layer,       !tensor.shape.empty(), decimal(static_cast<float>(mean)),
          decimal(min), decimal(max)};
}

}  // namespace

bool learns_neurons(const NetworkSpec& network) {
  return std::ranges::any_of(network.layers, [](const LayerSpec& layer) {
    const auto* leaky = std::get_if<LeakyOptions>(&layer.neuron);
    return leaky != nullptr && std::ranges::any_of(kLearnableNames, [&](const char* name) {
             return is_learned(*leaky, name);
           });
  });
}

std::vector<LearnedParameter> learned_parameters(const NetworkSpec& network,
                                                 const HostTensors& tensors) {
  std::vector<LearnedParameter> all;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const auto* leaky = std::get_if<LeakyOptions>(&network.layers[i].neuron);
    if (leaky == nullptr) continue;
    for (const char* name : kLearnableNames) {
      if (!is_learned(*leaky, name)) continue;
      const auto tensor = tensors.find(neuron_name(network, i) + "." + name);
      if (tensor == tensors.end() || tensor->second.values.empty()) continue;
      all.push_back(summarize(name, i + 1, tensor->second));
    }
  }
  return all;
}

std::string range_problem(const LearnedParameter& parameter) {
  if (parameter.name != "beta") return parameter.min > 0 ? "" : "not above 0";
  return parameter.min >= 0 && parameter.max <= 1 ? "" : "outside [0, 1]";
}

std::string shown_value(const LearnedParameter& parameter) {
  const std::string mean = format_real(parameter.mean);
  if (!parameter.is_per_neuron) return mean;
  return "mean " + mean + ", " + format_real(parameter.min) + " to " + format_real(parameter.max);
}

Json to_json(const std::vector<LearnedParameter>& learned) {
  auto json = Json::object();
  for (const LearnedParameter& each : learned) {
    if (each.is_per_neuron) {
      json[each.full_name()] = {{"mean", each.mean}, {"min", each.min}, {"max", each.max}};
    } else {
      json[each.full_name()] = each.mean;
    }
  }
  return json;
}

}  // namespace snn
