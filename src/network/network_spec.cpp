#include "snn/network/network_spec.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <type_traits>

#include "network/layer_check.h"
#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {
namespace {

// The limits of a plausible network; a larger number is a typing error.
constexpr std::int64_t kMostValues = 1'000'000'000;
constexpr std::size_t kMostLayers = 10'000;  // a short text can describe more than anybody trains

// Stands for a number of neurons that depends on an unknown shape.
constexpr std::int64_t kUnknown = -1;

// The problem with the numbers of a field, or nothing.
std::string number_problem(const std::vector<double>& numbers, const Range& range) {
  for (const double number : numbers) {
    if (range.contains(number)) continue;
    return "expected " + range.expected_for(number) + ", found " + format_real(number);
  }
  return "";
}

void check_field(const Field& field, const PerNeuron& value, std::int64_t neurons,
                 const std::string& where) {
  const auto count = static_cast<std::int64_t>(value.values.size());
  if (count != 1 && count != neurons && neurons != kUnknown) {
    refuse_spec(where, "expected 1 value or " + std::to_string(neurons) +
                           " (one per neuron), found " + std::to_string(count));
  }
  for (const double number : value.values) {
    if (!std::isfinite(number))
      refuse_spec(where, "expected finite numbers, found " + format_real(number));
  }
  const std::string problem = number_problem(value.values, field.range);
  if (field.is_strict && !problem.empty()) refuse_spec(where, problem);
}

void check_field(const Field& field, std::int64_t value, std::int64_t, const std::string& where) {
  const Range& range = field.range;
  if (!field.is_strict || range.contains(static_cast<double>(value))) return;
  refuse_spec(where, "expected " + format_real(range.low) + " to " + format_real(range.high) +
                         ", found " + std::to_string(value));
}

void check_field(const Field& field, double value, std::int64_t, const std::string& where) {
  check_field(field, PerNeuron(value), kUnknown, where);
}

template <class T>
void check_field(const Field&, const T&, std::int64_t, const std::string&) {}

// Checks every field of an operation or of `neurons` neurons.
template <class Options>
void check_options(const Options& options, std::int64_t neurons, const std::string& where) {
  const std::string prefix = where + ": " + std::string(Options::kName) + ": ";
  visit_options(options, [&](const Field& field, const auto& value) {
    check_field(field, value, neurons, prefix + field.name);
  });
  if constexpr (requires { options.problem(); }) {
    if (const std::string problem = options.problem(); !problem.empty()) {
      throw Error(ExitCode::kUsage, prefix + problem);
    }
  }
}

void check_shape(const Shape& shape) {
  if (shape.empty()) refuse_spec("sample-shape", "expected at least one size, found none");
  std::int64_t values = 1;
  for (const std::int64_t size : shape) {
    if (size < 1 || size > kMostValues / values) {
      refuse_spec("sample-shape",
                  "expected 1 to " + std::to_string(kMostValues) + " values in all");
    }
    values *= size;
  }
}

}  // namespace

void refuse_spec(const std::string& where, const std::string& problem) {
  throw Error(ExitCode::kUsage, where + ": " + problem);
}

std::string layer_label(std::size_t index) { return "layer " + std::to_string(index + 1); }

void check_depth(std::size_t layers) {
  if (layers <= kMostLayers) return;
  refuse_spec("layers", "expected at most " + std::to_string(kMostLayers) + ", found " +
                            std::to_string(layers));
}

void check_layer(const LayerSpec& layer, const Shape& input, const std::string& where) {
  if (layer.synapse.empty()) refuse_spec(where, "expected a synapse such as linear, found none");
  for (const SynapseSpec& operation : layer.synapse) {
    std::visit([&](const auto& options) { check_options(options, kUnknown, where); }, operation);
  }
  const Shape shape = output_shape(layer, input);
  const std::int64_t neurons = shape.empty() ? kUnknown : element_count(shape);
  std::visit([&](const auto& options) { check_options(options, neurons, where); }, layer.neuron);
}

void check(const NetworkSpec& spec) {
  check_shape(spec.sample_shape);
  if (spec.layers.empty()) refuse_spec("layers", "a network has at least one layer, found none");
  check_depth(spec.layers.size());
  Shape shape = spec.sample_shape;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    check_layer(spec.layers[i], shape, layer_label(i));
    shape = output_shape(spec.layers[i], shape);
  }
}

std::string range_problem(const std::vector<LayerSpec>& layers) {
  std::string found;
  for (std::size_t i = 0; i < layers.size() && found.empty(); ++i) {
    const auto look = [&](const auto& options) {
      visit_options(options, [&](const Field& field, const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, PerNeuron>) {
          const std::string problem = number_problem(value.values, field.range);
          if (problem.empty() || !found.empty()) return;
          found = layer_label(i) + ": " + std::string(options.kName) + ": " + field.name + ": " +
                  problem;
        }
      });
    };
    std::visit(look, layers[i].neuron);
  }
  return found;
}

NeuronSpec default_neuron(NeuronKind kind) {
  const auto all = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::vector<NeuronSpec>{std::variant_alternative_t<I, NeuronSpec>()...};
  }
  (std::make_index_sequence<std::variant_size_v<NeuronSpec>>());
  return all.at(static_cast<std::size_t>(kind));
}

bool has_spikes(const NeuronSpec& neuron) {
  return std::visit([](const auto& options) { return options.kSpikes; }, neuron);
}

Shape output_shape(const SynapseSpec& operation, const Shape& input) {
  return std::visit([&](const auto& options) { return options.output_shape(input); }, operation);
}

Shape output_shape(const LayerSpec& layer, const Shape& input) {
  Shape shape = input;
  for (const SynapseSpec& operation : layer.synapse) shape = output_shape(operation, shape);
  return shape;
}

Shape input_shape(const NetworkSpec& spec, std::size_t index) {
  Shape shape = spec.sample_shape;
  for (std::size_t i = 0; i < index; ++i) shape = output_shape(spec.layers.at(i), shape);
  return shape;
}

Shape output_shape(const NetworkSpec& spec, std::size_t index) {
  return output_shape(spec.layers.at(index), input_shape(spec, index));
}

std::int64_t neuron_count(const NetworkSpec& spec, std::size_t index) {
  return element_count(output_shape(spec, index));
}

std::int64_t output_count(const NetworkSpec& spec) {
  return neuron_count(spec, spec.layers.size() - 1);
}

std::string neuron_name(const NetworkSpec& spec, std::size_t index) {
  const auto name = [](const auto& options) { return std::string(options.kModule); };
  return std::visit(name, spec.layers.at(index).neuron) + std::to_string(index + 1);
}

std::string synapse_name(const NetworkSpec& spec, std::size_t index, std::size_t operation) {
  const auto& chain = spec.layers.at(index).synapse;
  const auto module_of = [](const SynapseSpec& one) {
    return std::visit([](const auto& options) { return std::string(options.kModule); }, one);
  };
  const std::string name = module_of(chain.at(operation));
  const auto before =
      std::count_if(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(operation),
                    [&](const SynapseSpec& earlier) { return module_of(earlier) == name; });
  return name + std::to_string(index + 1) + (before > 0 ? "_" + std::to_string(before + 1) : "");
}

std::int64_t parameter_count(const NetworkSpec& spec) {
  std::int64_t count = 0;
  Shape shape = spec.sample_shape;
  for (const LayerSpec& layer : spec.layers) {
    for (const SynapseSpec& operation : layer.synapse) {
      count += std::visit([&](const auto& each) { return each.parameter_count(shape); }, operation);
      shape = output_shape(operation, shape);
    }
    const auto add = [&](const Field&, const PerNeuron& value, bool is_learned) {
      if (is_learned) count += std::ssize(value.values);
    };
    const auto add_all = [&](const auto& options) {
      visit_learnable(options, add);
      if constexpr (requires { options.further_parameters(1); }) {
        count += options.further_parameters(element_count(shape));
      }
    };
    std::visit(add_all, layer.neuron);
  }
  return count;
}

std::string summary_of(const NetworkSpec& spec) {
  std::vector<std::string> widths = {std::to_string(element_count(spec.sample_shape))};
  std::vector<std::string> kinds;
  Shape shape = spec.sample_shape;
  for (const LayerSpec& layer : spec.layers) {
    shape = output_shape(layer, shape);
    widths.push_back(std::to_string(element_count(shape)));
    kinds.emplace_back(name_of(kind_of(layer.neuron)));
  }
  if (std::set(kinds.begin(), kinds.end()).size() == 1) kinds.resize(1);
  const std::string neurons = join(kinds, "-");
  const bool is_usual = neurons == LeakyOptions::kName;
  return join(widths, "-") + (is_usual ? "" : " " + neurons);
}

}  // namespace snn
