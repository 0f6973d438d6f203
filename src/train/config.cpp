#include "snn/train/config.h"

#include <algorithm>

#include "snn/text/error.h"
#include "snn/train/config_text.h"
#include "snn/train/option.h"
#include "text/json.h"
#include "text/message.h"
#include "train/neuron_options.h"
#include "train/option_table.h"

namespace snn {
namespace {

// The operations of a layer of `outputs` neurons.
std::vector<SynapseSpec> synapse_of(const Config& config, std::int64_t outputs) {
  switch (config.delays) {
    case Delays::kNone:
      return {LinearSpec{outputs}};
    case Delays::kAxon:
      return {DelaySpec{config.max_delay}, LinearSpec{outputs}};
    case Delays::kSynapse:
      return {DelayedLinearSpec{outputs, /*bias=*/true, config.max_delay}};
  }
  throw Error(ExitCode::kInternal, "unknown delays");
}

std::vector<LayerSpec> layers_of(const Config& config, std::int64_t outputs) {
  if (!config.layers.empty()) return layers_from_json(config.layers);
  for (const Option& option : options()) {
    const std::string problem = per_layer_problem(option, config);
    if (!problem.empty()) throw Error(ExitCode::kUsage, option.name + ": " + problem);
  }
  std::vector<std::int64_t> widths = config.hidden;
  widths.push_back(outputs);
  std::vector<LayerSpec> layers;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    layers.emplace_back(synapse_of(config, widths[i]), neuron_of_layer(config, i));
    if (i == 0 || config.dropout == 0) continue;
    auto& chain = layers.back().synapse;
    chain.insert(chain.begin(), DropoutSpec{config.dropout, config.dropout_per_step});
  }
  return layers;
}

}  // namespace

std::int64_t samples_per_step(const Config& config) {
  return config.batch_size * config.accumulate;
}

Classes classes_of(const Config& config) { return {config.population, config.class_weights}; }

InputOptions input_options(const Config& config) {
  return {config.encoding, config.steps, static_cast<std::uint64_t>(config.seed)};
}

void check_top_k(const Config& config, std::int64_t classes) {
  if (config.top_k < classes) return;
  throw Error(ExitCode::kUsage, "top-k: expected fewer than the " + std::to_string(classes) +
                                    " classes, found " + std::to_string(config.top_k));
}

NetworkSpec network_spec(const Config& config, const Shape& shape, std::int64_t classes) {
  const std::int64_t wanted = classes * config.population;
  const NetworkSpec spec{shape, layers_of(config, wanted)};
  check(spec);
  const std::int64_t outputs = output_count(spec);
  if (outputs != wanted) {
    const std::string population =
        config.population == 1 ? "" : " of " + std::to_string(config.population) + " outputs each";
    throw Error(ExitCode::kUsage, "layers: the last layer has " + std::to_string(outputs) +
                                      " neurons, but the data set has " + std::to_string(classes) +
                                      " classes" + population);
  }
  class_count(classes_of(config), outputs);
  check_top_k(config, classes);
  return spec;
}

std::string result_options_to_json(const Config& config) {
  Json json = Json::object();
  for (const Option& option : options()) {
    if (option.scope == Scope::kResult) json[option.name] = option.format(config);
  }
  return dump_json(json);
}

namespace {

[[noreturn]] void fail(const std::string& problem) {
  throw Error(ExitCode::kCheckpoint, "options: " + problem);
}

Json parse_object(std::string_view text) {
  try {
    Json json = parse_json(text);
    if (!json.is_object()) fail("expected a JSON object");
    return json;
  } catch (const Error& error) {
    if (error.code() == ExitCode::kCheckpoint) throw;
    fail(error.what());
  }
}

// The text of `option` in a checkpoint's options.
std::string stored_text(const Option& option, const Json& json) {
  const auto stored = json.find(option.name);
  if (stored != json.end()) {
    if (!stored->is_string()) fail(option.name + ": expected a string");
    return stored->get<std::string>();
  }
  if (option.legacy.empty()) fail(option.name + " is missing");
  return option.legacy;
}

}  // namespace

Config config_from_json(std::string_view text, std::span<const Option> table) {
  const Json json = parse_object(text);
  for (const auto& [key, value] : json.items()) {
    const auto is_key = [&name = key](const Option& option) {
      return option.scope == Scope::kResult && option.name == name;
    };
    if (std::ranges::none_of(table, is_key)) fail("unknown option " + quote(key));
  }
  Config config;
  for (const Option& option : table) {
    if (option.scope != Scope::kResult) continue;
    const std::string problem = option.parse(config, stored_text(option, json));
    if (!problem.empty()) fail(option.name + ": " + problem);
  }
  return config;
}

}  // namespace snn
