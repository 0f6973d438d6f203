#include "snn/network/network_spec.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <type_traits>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/aliases.h"
#include "text/json.h"
#include "text/message.h"
#include "text/range.h"

namespace snn {
namespace {

// More neurons in a layer, or values in a sample, than this are a slip of the finger.
constexpr std::int64_t kMostOutputs = 1'000'000;
constexpr std::int64_t kMostValues = 1'000'000'000;
constexpr std::size_t kMostLayers = 10'000;  // a short text describes more than anything trains

[[noreturn]] void fail(const std::string& where, const std::string& problem) {
  throw Error(ExitCode::kUsage, where + ": " + problem);
}

// People count layers from 1, as the modules fc1 and lif1 do.
std::string layer_name(std::size_t index) { return "layer " + std::to_string(index + 1); }

// Every option of a neuron by its name in JSON, once for reading and writing.
template <class Options, class Visit>
void visit_options(Options& options, Visit visit) {
  if constexpr (std::is_same_v<std::remove_const_t<Options>, LeakyOptions>) {
    visit("beta", options.beta());
    visit("threshold", options.threshold());
    visit("reset", options.reset());
    visit("reset-delay", options.reset_delay());
    visit("surrogate", options.surrogate());
    visit("graded-spikes-factor", options.graded_spikes_factor());
    visit("inhibition", options.inhibition());
    visit("learn-beta", options.learn_beta());
    visit("learn-threshold", options.learn_threshold());
    visit("learn-graded-spikes-factor", options.learn_graded_spikes_factor());
  }
}

Json encode(bool value) { return value; }
Json encode(Reset value) { return std::string(name_of(value)); }
Json encode(const Surrogate& value) { return to_string(value); }
Json encode(const PerNeuron& value) {
  return value.values.size() == 1 ? Json(value.values[0]) : Json(value.values);
}

Json encode(const LayerSpec& layer) {
  const auto& linear = std::get<LinearSpec>(layer.synapse);
  Json neuron = Json::object();
  const auto encode_option = [&](const char* name, const auto& value) {
    neuron[name] = encode(value);
  };
  std::visit([&](const auto& options) { visit_options(options, encode_option); }, layer.neuron);
  return {{"linear", {{"outputs", linear.outputs}, {"bias", linear.bias}}},
          {std::string(name_of(kind_of(layer.neuron))), std::move(neuron)}};
}

Json encode(const std::vector<LayerSpec>& layers) {
  Json list = Json::array();
  for (const LayerSpec& layer : layers) list.push_back(encode(layer));
  return list;
}

// How a message shows what stands where something else should.
std::string found(const Json& json) {
  if (json.is_string()) return ", found " + quote(json.get<std::string>());
  if (json.is_number()) return ", found " + dump_json(json);
  if (json.is_object()) return ", found a map";
  return std::string(", found ") + (json.is_array() ? "a list" : json.type_name());
}

void decode(const Json& json, const std::string& where, bool& value) {
  if (!json.is_boolean()) fail(where, "expected true or false" + found(json));
  value = json.get<bool>();
}

void decode(const Json& json, const std::string& where, std::int64_t& value) {
  const bool fits = json.is_number_integer() &&
                    !(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX);
  if (!fits) fail(where, "expected an integer" + found(json));
  value = json.get<std::int64_t>();
}

void decode(const Json& json, const std::string& where, PerNeuron& value) {
  const bool is_list = json.is_array() && !json.empty();
  const bool is_numeric = is_list ? std::all_of(json.begin(), json.end(),
                                                [](const Json& item) { return item.is_number(); })
                                  : json.is_number();
  if (!is_numeric) fail(where, "expected a number or a list of numbers" + found(json));
  value = is_list ? PerNeuron(json.get<std::vector<double>>()) : PerNeuron(json.get<double>());
}

void decode(const Json& json, const std::string& where, Reset& value) {
  const std::string text = json.is_string() ? json.get<std::string>() : "";
  const auto reset = from_name<Reset>(meant_value("reset", text, all_names<Reset>()));
  if (!reset) fail(where, "expected " + one_of(all_names<Reset>()) + found(json));
  value = *reset;
}

void decode(const Json& json, const std::string& where, Surrogate& value) {
  if (!json.is_string()) fail(where, "expected a surrogate" + found(json));
  try {
    value = parse_surrogate(json.get<std::string>());
  } catch (const Error& error) {
    fail(where, error.what());
  }
}

// What may stand in a JSON object: names, and what reads the value of each.
using Members = std::vector<std::pair<std::string, std::function<void(const Json&)>>>;

void read_members(const Json& object, const std::string& where, const Members& members) {
  if (!object.is_object()) fail(where, "expected a map" + found(object));
  std::set<std::string> seen;
  for (const auto& [key, value] : object.items()) {
    std::vector<std::string> known;
    for (const auto& entry : members) known.push_back(entry.first);
    const auto member =
        std::ranges::find(members, meant_option(key, known), &Members::value_type::first);
    if (member == members.end()) {
      fail(where, "unknown key " + quote(key) + suggested_option(key, known));
    }
    if (!seen.insert(member->first).second) fail(where, "duplicate key " + quote(key));
    member->second(value);
  }
}

// A member that decode() reads.
template <class T>
Members::value_type member(const std::string& name, const std::string& where, T& value) {
  return {name,
          [name, where, &value](const Json& json) { decode(json, where + ": " + name, value); }};
}

void check_per_neuron(const PerNeuron& option, std::int64_t neurons, const std::string& where) {
  const auto count = static_cast<std::int64_t>(option.values.size());
  if (count != 1 && count != neurons) {
    fail(where, "expected 1 value or " + std::to_string(neurons) +
                    " (one for each neuron), found " + std::to_string(count));
  }
  for (const double value : option.values) {
    if (!std::isfinite(value)) fail(where, "expected finite numbers, found " + format_real(value));
  }
}

void check_shape(const SampleShape& shape) {
  if (shape.empty()) fail("sample-shape", "expected at least one size, found none");
  std::int64_t values = 1;
  for (const std::int64_t size : shape) {
    if (size < 1 || size > kMostValues / values) {
      fail("sample-shape", "expected 1 to " + std::to_string(kMostValues) + " values in all");
    }
    values *= size;
  }
}

void check_neuron(const ReluOptions&, std::int64_t, const std::string&) {}

void check_neuron(const LeakyOptions& leaky, std::int64_t neurons, const std::string& where) {
  const std::string prefix = where + ": leaky: ";
  check_per_neuron(leaky.beta(), neurons, prefix + "beta");
  check_per_neuron(leaky.threshold(), neurons, prefix + "threshold");
  check_per_neuron(leaky.graded_spikes_factor(), neurons, prefix + "graded-spikes-factor");
  for (const double threshold : leaky.threshold().values) {
    if (threshold <= 0) {
      fail(prefix + "threshold", "expected a number > 0, found " + format_real(threshold));
    }
  }
}

void check_layer(const LayerSpec& layer, const std::string& where) {
  const std::int64_t outputs = std::get<LinearSpec>(layer.synapse).outputs;
  if (outputs < 1 || outputs > kMostOutputs) {
    fail(where + ": linear: outputs",
         "expected 1 to " + std::to_string(kMostOutputs) + ", found " + std::to_string(outputs));
  }
  std::visit([&](const auto& options) { check_neuron(options, outputs, where); }, layer.neuron);
}

void check_depth(std::size_t layers) {
  if (layers <= kMostLayers) return;
  fail("layers",
       "expected at most " + std::to_string(kMostLayers) + ", found " + std::to_string(layers));
}

// Reads neurons of that kind of Options.
template <class Options>
void decode_neuron(const Json& json, const std::string& where, NeuronSpec& neuron) {
  auto& options = neuron.emplace<Options>();
  Members members;
  visit_options(options, [&](const char* name, auto& value) {
    members.push_back(member(name, where, value));
  });
  read_members(json, where, members);
}

LayerSpec decode_layer(const Json& json, const std::string& where) {
  LinearSpec linear;
  NeuronSpec neuron;
  bool has_outputs = false;
  const auto read_linear = [&](const Json& object) {
    const std::string inside = where + ": linear";
    read_members(object, inside,
                 {member("outputs", inside, linear.outputs), member("bias", inside, linear.bias)});
    has_outputs = object.contains("outputs");
  };
  const auto read_leaky = [&](const Json& object) {
    decode_neuron<LeakyOptions>(object, where + ": leaky", neuron);
  };
  const auto read_relu = [&](const Json& object) {
    decode_neuron<ReluOptions>(object, where + ": relu", neuron);
  };
  read_members(json, where, {{"linear", read_linear}, {"leaky", read_leaky}, {"relu", read_relu}});
  if (!has_outputs) fail(where, "linear: outputs is missing");
  if (json.contains("leaky") && json.contains("relu")) {
    fail(where, "expected one kind of neurons, found leaky and relu");
  }
  const LayerSpec layer{linear, std::move(neuron)};
  check_layer(layer, where);
  return layer;
}

std::vector<LayerSpec> decode_layers(const Json& json) {
  if (!json.is_array() || json.empty()) fail("layers", "expected a list of layers" + found(json));
  check_depth(json.size());
  std::vector<LayerSpec> layers;
  for (const Json& layer : json) {
    layers.push_back(decode_layer(layer, layer_name(layers.size())));
  }
  return layers;
}

SampleShape decode_shape(const Json& json) {
  if (!json.is_array()) fail("sample-shape", "expected a list of integers" + found(json));
  SampleShape shape;
  for (const Json& size : json) decode(size, "sample-shape", shape.emplace_back());
  return shape;
}

}  // namespace

std::int64_t layer_inputs(const NetworkSpec& spec, std::size_t index) {
  return index == 0 ? element_count(spec.sample_shape) : layer_outputs(spec, index - 1);
}

std::int64_t layer_outputs(const NetworkSpec& spec, std::size_t index) {
  return std::get<LinearSpec>(spec.layers.at(index).synapse).outputs;
}

std::string neuron_name(const NetworkSpec& spec, std::size_t index) {
  const bool is_spiking = has_spikes(spec.layers.at(index).neuron);
  return (is_spiking ? "lif" : "relu") + std::to_string(index + 1);
}

void check(const NetworkSpec& spec) {
  check_shape(spec.sample_shape);
  if (spec.layers.empty()) fail("layers", "a network has at least one layer, found none");
  check_depth(spec.layers.size());
  for (std::size_t i = 0; i < spec.layers.size(); ++i) check_layer(spec.layers[i], layer_name(i));
}

std::int64_t parameter_count(const NetworkSpec& spec) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const auto& linear = std::get<LinearSpec>(spec.layers[i].synapse);
    count +=
        static_cast<std::size_t>((layer_inputs(spec, i) + (linear.bias ? 1 : 0)) * linear.outputs);
    const auto* leaky = std::get_if<LeakyOptions>(&spec.layers[i].neuron);
    if (leaky == nullptr) continue;
    if (leaky->learn_beta()) count += leaky->beta().values.size();
    if (leaky->learn_threshold()) count += leaky->threshold().values.size();
    if (leaky->learn_graded_spikes_factor()) count += leaky->graded_spikes_factor().values.size();
  }
  return static_cast<std::int64_t>(count);
}

std::string describe(const NetworkSpec& spec) {
  std::vector<std::string> widths = {std::to_string(layer_inputs(spec, 0))};
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    widths.push_back(std::to_string(layer_outputs(spec, i)));
  }
  std::vector<std::string> kinds;
  for (const LayerSpec& layer : spec.layers) kinds.emplace_back(name_of(kind_of(layer.neuron)));
  if (std::set(kinds.begin(), kinds.end()).size() == 1) kinds.resize(1);
  const std::string neurons = join(kinds, "-");
  const bool is_usual = neurons == name_of(NeuronKind::kLeaky);
  return join(widths, "-") + (is_usual ? "" : " " + neurons);
}

std::string to_json(const NetworkSpec& spec) {
  return dump_json({{"sample-shape", spec.sample_shape}, {"layers", encode(spec.layers)}});
}

NetworkSpec network_spec_from_json(std::string_view json) {
  NetworkSpec spec;
  read_members(
      parse_json(json), "network",
      {{"sample-shape", [&](const Json& value) { spec.sample_shape = decode_shape(value); }},
       {"layers", [&](const Json& value) { spec.layers = decode_layers(value); }}});
  check(spec);
  return spec;
}

std::string layers_to_json(const std::vector<LayerSpec>& layers) {
  return dump_json(encode(layers));
}

std::vector<LayerSpec> layers_from_json(std::string_view json) {
  return decode_layers(parse_json(json));
}

}  // namespace snn
