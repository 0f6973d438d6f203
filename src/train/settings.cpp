#include "snn/train/settings.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/option.h"
#include "text/message.h"
#include "text/value_list.h"
#include "train/neuron_options.h"
#include "train/option_table.h"

namespace snn {
namespace {

bool is_of_other_neurons(const Option& option, const Config& config) {
  return !option.neurons.empty() &&
         std::ranges::find(option.neurons, config.neuron) == option.neurons.end();
}

std::string owners(const Option& option) {
  std::vector<std::string> names;
  for (const NeuronKind kind : option.neurons) names.emplace_back(name_of(kind));
  return one_of(names);
}

// An option that is given but does nothing beside the others, and why; nothing: there is none.
std::vector<std::pair<const Option*, std::string>> idle_options(const Config& config) {
  std::vector<std::pair<const Option*, std::string>> idle;
  if (!config.layers.empty()) return idle;  // which states them all
  const Config defaults;
  if (config.delays == Delays::kNone && config.max_delay != defaults.max_delay) {
    idle.emplace_back(&option_of(&Config::max_delay), "there are no delays; add --delays");
  }
  if (config.dropout == 0 && config.dropout_per_step) {
    idle.emplace_back(&option_of(&Config::dropout_per_step), "there is no dropout; add --dropout");
  }
  if (config.dropout > 0 && config.hidden.empty()) {
    idle.emplace_back(&option_of(&Config::dropout), "there are no hidden neurons to drop");
  }
  return idle;
}

}  // namespace

bool is_without_effect(const Option& option, const Config& config) {
  return (option.is_stated_by_layers && !config.layers.empty()) ||
         is_of_other_neurons(option, config);
}

std::size_t described_layers(const Config& config) {
  return config.hidden.size() + (config.readout.empty() ? 1 : 0);
}

std::string per_layer_problem(const Option& option, const Config& config) {
  if (!option.is_per_layer || is_without_effect(option, config)) return "";
  const std::size_t layers = described_layers(config);
  const std::size_t values = split_list(option.format(config)).size();
  if (values == 1 || values == layers) return "";
  const std::string per_layer =
      " or " + std::to_string(layers) +
      (config.readout.empty() ? " (one per layer)" : " (one per hidden layer)");
  return "expected 1 value" + (layers <= 1 ? "" : per_layer) + ", found " + std::to_string(values);
}

std::string label(std::string_view origin, std::string_view name) {
  if (origin.empty()) return std::string(name);
  if (origin == "--" + std::string(name)) return std::string(origin);
  return std::string(origin) + ": " + std::string(name);
}

void apply_option(const Option& option, std::string_view text, const std::string& origin,
                  Settings& settings) {
  const std::string problem = option.parse(settings.config, text);
  if (problem.empty()) {
    settings.origin[option.name] = origin;
  } else {
    settings.problems.push_back(label(origin, option.name) + ": " + problem);
  }
}

void check_together(Settings& settings) {
  const Config& config = settings.config;
  const auto origin = [&](const Option& option) {
    const auto known = settings.origin.find(option.name);
    return known == settings.origin.end() ? std::string() : known->second;
  };
  const auto report = [&](const Option& option, const std::string& problem) {
    settings.problems.push_back(label(origin(option), option.name) + ": " + problem);
  };
  for (const Option& option : options()) {
    const bool is_given = settings.is_set(option) && origin(option) != kCheckpointOrigin;
    if (is_given && is_without_effect(option, config)) {
      const Option& layers = option_of(&Config::layers);
      report(option, option.is_stated_by_layers && !config.layers.empty()
                         ? "cannot be combined with " + layers.name + " (" +
                               label(origin(layers), layers.name) + "), which defines it"
                         : "only " + owners(option) + " neurons have it; the neuron is " +
                               std::string(name_of(config.neuron)));
    }
    const std::string problem = per_layer_problem(option, config);
    if (!problem.empty()) report(option, problem);
    const std::string refused = config.layers.empty() ? problem_of_kind(option, config) : "";
    if (!refused.empty()) report(option, refused);
  }
  for (const auto& [option, problem] : idle_options(config)) {
    if (settings.is_set(*option) && origin(*option) != kCheckpointOrigin) report(*option, problem);
  }
  const std::string encoding = problem_of(config.encoding, config.steps);
  if (!encoding.empty()) report(option_of(&Config::encoding), encoding);
  if (config.momentum != 0 && config.optimizer != OptimizerKind::kSgd) {
    report(option_of(&Config::momentum), "only the optimizer sgd has momentum; the optimizer is " +
                                             std::string(name_of(config.optimizer)));
  }
}

void throw_if_wrong(const Settings& settings) {
  const auto& problems = settings.problems;
  if (problems.empty()) return;
  if (problems.size() == 1) throw Error(ExitCode::kUsage, problems[0]);
  constexpr std::ptrdiff_t kMost = 20;
  const std::ptrdiff_t more = std::ssize(problems) - kMost;
  std::vector<std::string> shown(problems.begin(),
                                 more > 0 ? problems.begin() + kMost : problems.end());
  if (more > 0) shown.push_back("and " + format_count(more) + " more");
  throw Error(ExitCode::kUsage, format_count(std::ssize(problems)) +
                                    " problems in the configuration:\n  " + join(shown, "\n  "));
}

}  // namespace snn
