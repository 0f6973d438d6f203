#include <algorithm>
#include <functional>
#include <set>
#include <type_traits>
#include <utility>

#include "network/layer_check.h"
#include "snn/network/network_spec.h"
#include "snn/text/error.h"
#include "text/aliases.h"
#include "text/json.h"
#include "text/message.h"

namespace snn {
namespace {

Json encode(bool value) { return value; }
Json encode(std::int64_t value) { return value; }
Json encode(double value) { return value; }
Json encode(const Surrogate& value) { return to_string(value); }
Json encode(const PerNeuron& value) {
  return value.values.size() == 1 ? Json(value.values[0]) : Json(value.values);
}
template <class E>
requires std::is_enum_v<E> Json encode(E value) { return std::string(name_of(value)); }

template <class Options>
Json encode_options(const Options& options) {
  Json json = Json::object();
  visit_options(options,
                [&](const Field& field, const auto& value) { json[field.name] = encode(value); });
  return json;
}

Json encode(const LayerSpec& layer) {
  Json json = Json::object();
  const auto add = [&](const auto& options) {
    json[std::string(options.kName)] = encode_options(options);
  };
  for (const SynapseSpec& operation : layer.synapse) std::visit(add, operation);
  std::visit(add, layer.neuron);
  return json;
}

Json encode(const std::vector<LayerSpec>& layers) {
  Json list = Json::array();
  for (const LayerSpec& layer : layers) list.push_back(encode(layer));
  return list;
}

// The end of a message about an unexpected value.
std::string found(const Json& json) {
  if (json.is_string()) return ", found " + quote(json.get<std::string>());
  if (json.is_number()) return ", found " + dump_json(json);
  if (json.is_object()) return ", found a map";
  return std::string(", found ") + (json.is_array() ? "a list" : json.type_name());
}

// decode() reads the value of a field at `where` in the text.

void decode(const Json& json, const std::string& where, const Field&, bool& value) {
  if (!json.is_boolean()) refuse_spec(where, "expected true or false" + found(json));
  value = json.get<bool>();
}

void decode(const Json& json, const std::string& where, const Field&, std::int64_t& value) {
  const bool fits = json.is_number_integer() &&
                    !(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX);
  if (!fits) refuse_spec(where, "expected an integer" + found(json));
  value = json.get<std::int64_t>();
}

void decode(const Json& json, const std::string& where, const Field&, double& value) {
  if (!json.is_number()) refuse_spec(where, "expected a number" + found(json));
  value = json.get<double>();
}

void decode(const Json& json, const std::string& where, const Field&, PerNeuron& value) {
  const bool is_list = json.is_array() && !json.empty();
  const bool is_numeric = is_list ? std::all_of(json.begin(), json.end(),
                                                [](const Json& item) { return item.is_number(); })
                                  : json.is_number();
  if (!is_numeric) refuse_spec(where, "expected a number or a list of numbers" + found(json));
  value = is_list ? PerNeuron(json.get<std::vector<double>>()) : PerNeuron(json.get<double>());
}

void decode(const Json& json, const std::string& where, const Field&, Surrogate& value) {
  if (!json.is_string()) refuse_spec(where, "expected a surrogate" + found(json));
  try {
    value = parse_surrogate(json.get<std::string>());
  } catch (const Error& error) {
    refuse_spec(where, error.what());
  }
}

template <class E>
requires std::is_enum_v<E>
void decode(const Json& json, const std::string& where, const Field& field, E& value) {
  const std::string text = json.is_string() ? json.get<std::string>() : "";
  const auto known = from_name<E>(meant_value(field.name, text, all_names<E>()));
  if (!known) refuse_spec(where, "expected " + one_of(all_names<E>()) + found(json));
  value = *known;
}

// The members that a JSON object may have, with the reader of each value.
using Members = std::vector<std::pair<std::string, std::function<void(const Json&)>>>;

// Reads an object; returns the names of its members in their order.
std::vector<std::string> read_members(const Json& object, const std::string& where,
                                      const Members& members) {
  if (!object.is_object()) refuse_spec(where, "expected a map" + found(object));
  std::vector<std::string> seen;
  for (const auto& [key, value] : object.items()) {
    std::vector<std::string> known;
    for (const auto& entry : members) known.push_back(entry.first);
    const auto member =
        std::ranges::find(members, meant_option(key, known), &Members::value_type::first);
    if (member == members.end()) {
      refuse_spec(where, "unknown key " + quote(key) + suggested_option(key, known));
    }
    if (std::ranges::find(seen, member->first) != seen.end()) {
      refuse_spec(where, "duplicate key " + quote(key));
    }
    seen.push_back(member->first);
    member->second(value);
  }
  return seen;
}

template <class Options>
void decode_options(const Json& json, const std::string& where, Options& options) {
  const std::string inside = where + ": " + std::string(Options::kName);
  Members members;
  std::vector<std::string> required;
  visit_options(options, [&](const Field& field, auto& value) {
    members.emplace_back(field.name, [&value, field, inside](const Json& text) {
      decode(text, inside + ": " + field.name, field, value);
    });
    if (field.is_required) required.push_back(field.name);
  });
  const std::vector<std::string> seen = read_members(json, inside, members);
  for (const std::string& name : required) {
    if (std::ranges::find(seen, name) == seen.end()) refuse_spec(inside, name + " is missing");
  }
}

// Calls visit(Kind()) for each kind in a variant.
template <class Variant, class Visit>
void for_each_kind(Visit visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(std::variant_alternative_t<I, Variant>()), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>());
}

LayerSpec decode_layer(const Json& json, const std::string& where) {
  LayerSpec layer;
  std::vector<std::string> neurons;  // the kinds given in the layer
  Members members;
  for_each_kind<SynapseSpec>([&](auto kind) {
    members.emplace_back(kind.kName, [&, kind](const Json& object) mutable {
      decode_options(object, where, kind);
      layer.synapse.push_back(kind);
    });
  });
  for_each_kind<NeuronSpec>([&](auto kind) {
    members.emplace_back(kind.kName, [&, kind](const Json& object) mutable {
      decode_options(object, where, kind);
      layer.neuron = kind;
      neurons.emplace_back(kind.kName);
    });
  });
  read_members(json, where, members);
  if (neurons.size() > 1) {
    refuse_spec(where, "expected one kind of neurons, found " + neurons[0] + " and " + neurons[1]);
  }
  return layer;
}

std::vector<LayerSpec> decode_layers(const Json& json) {
  if (!json.is_array() || json.empty())
    refuse_spec("layers", "expected a list of layers" + found(json));
  check_depth(json.size());
  std::vector<LayerSpec> layers;
  Shape shape;  // not known yet
  for (const Json& layer : json) {
    const std::string where = layer_label(layers.size());
    layers.push_back(decode_layer(layer, where));
    check_layer(layers.back(), shape, where);
    shape = output_shape(layers.back(), shape);
  }
  return layers;
}

Shape decode_shape(const Json& json) {
  if (!json.is_array()) refuse_spec("sample-shape", "expected a list of integers" + found(json));
  Shape shape;
  for (const Json& size : json) decode(size, "sample-shape", {}, shape.emplace_back());
  return shape;
}

}  // namespace

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
