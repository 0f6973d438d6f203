#include "snn/train/learned.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "snn/text/text.h"
#include "train/learned_json.h"

namespace snn {
namespace {

// The double with the shortest text of a float: 0.95 and not 0.949999988079071.
double decimal(float value) {
  double number = value;
  parse_real(format_single(value), number);
  return number;
}

LearnedParameter summarize(const Field& field, std::size_t layer, const HostTensor& tensor) {
  std::vector<float> values = tensor.values;
  if (field.shown != nullptr) {
    std::ranges::transform(values, values.begin(),
                           [&](float value) { return static_cast<float>(field.shown(value)); });
  }
  const auto [min, max] = std::ranges::minmax(values);
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  return {learned_name(field),   layer,
          !tensor.shape.empty(), decimal(static_cast<float>(mean)),
          decimal(min),          decimal(max)};
}

}  // namespace

std::string full_name(const LearnedParameter& parameter, const std::string& neurons) {
  return neurons + "." + parameter.name;
}

const std::vector<std::string>& learnable_tensors() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    const auto add = [&](const Field& field, const auto&, const auto&... learn) {
      const std::string name = learned_name(field);
      const bool is_new = std::ranges::find(names, name) == names.end();
      if (sizeof...(learn) == 1 && is_new) names.push_back(name);
    };
    for (const auto& entry : Names<NeuronKind>::table) {
      const NeuronSpec neuron = default_neuron(entry.first);
      std::visit([&](const auto& options) { options.fields(options, add); }, neuron);
    }
    return names;
  }();
  return all;
}

std::optional<Field> field_of(const LearnedParameter& parameter, const NetworkSpec& network) {
  std::optional<Field> found;
  const auto look = [&](const Field& field, const PerNeuron&, bool) {
    if (learned_name(field) == parameter.name) found = field;
  };
  std::visit([&](const auto& options) { visit_learnable(options, look); },
             network.layers.at(parameter.layer - 1).neuron);
  return found;
}

bool learns_neurons(const NetworkSpec& network) {
  bool learns = false;
  for (const LayerSpec& layer : network.layers) {
    const auto look = [&](const Field&, const PerNeuron&, bool is_learned) {
      learns |= is_learned;
    };
    std::visit([&](const auto& options) { visit_learnable(options, look); }, layer.neuron);
  }
  return learns;
}

std::vector<LearnedParameter> learned_parameters(const NetworkSpec& network,
                                                 const HostTensors& tensors) {
  std::vector<LearnedParameter> all;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const auto add = [&](const Field& field, const PerNeuron&, bool is_learned) {
      if (!is_learned) return;
      const auto tensor = tensors.find(neuron_name(network, i) + "." + tensor_name(field));
      if (tensor == tensors.end() || tensor->second.values.empty()) return;
      all.push_back(summarize(field, i + 1, tensor->second));
    };
    std::visit([&](const auto& options) { visit_learnable(options, add); },
               network.layers[i].neuron);
  }
  return all;
}

std::string range_problem(const LearnedParameter& parameter, const NetworkSpec& network) {
  const std::optional<Field> field = field_of(parameter, network);
  if (!field) return "";
  const Range& range = field->range;
  const bool is_above = range.without_low ? parameter.min > range.low : parameter.min >= range.low;
  const bool is_below =
      range.without_high ? parameter.max < range.high : parameter.max <= range.high;
  if (is_above && is_below) return "";
  if (!std::isfinite(range.high)) return "not above " + format_real(range.low);
  return "outside " + std::string(range.without_low ? "(" : "[") + format_real(range.low) + ", " +
         format_real(range.high) + (range.without_high ? ")" : "]");
}

std::string shown_value(const LearnedParameter& parameter) {
  const std::string mean = format_real(parameter.mean);
  if (!parameter.is_per_neuron) return mean;
  return "mean " + mean + ", " + format_real(parameter.min) + " to " + format_real(parameter.max);
}

Json to_json(const std::vector<LearnedParameter>& learned,
             const std::vector<std::string>& neurons) {
  auto json = Json::object();
  for (const LearnedParameter& each : learned) {
    Json& value = json[full_name(each, neurons.at(each.layer - 1))];
    if (each.is_per_neuron) {
      value = {{"mean", each.mean}, {"min", each.min}, {"max", each.max}};
    } else {
      value = each.mean;
    }
  }
  return json;
}

}  // namespace snn
