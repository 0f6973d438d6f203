#include <iterator>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/options.h"
#include "text/message.h"
#include "text/value_list.h"
#include "train/option_table.h"

namespace snn {
namespace {

// These are all that have a value for each layer.
bool is_of_leaky_neurons(const Option& option) {
  return option.group == Group::kNetwork && option.is_list && option.name != "hidden";
}

}  // namespace

bool is_without_effect(const Option& option, const Config& config) {
  if (option.group != Group::kNetwork || option.name == "steps" || option.name == "layers") {
    return false;
  }
  return !config.layers.empty() ||
         (config.neuron != NeuronKind::kLeaky && is_of_leaky_neurons(option));
}

std::string per_layer_problem(const Option& option, const Config& config) {
  if (!is_of_leaky_neurons(option) || is_without_effect(option, config)) return "";
  const std::size_t layers = config.hidden.size() + 1;
  const std::size_t values = split_list(option.format(config)).size();
  if (values == 1 || values == layers) return "";
  const std::string per_layer = " or " + std::to_string(layers) + " (one for each layer)";
  return "expected 1 value" + (layers == 1 ? "" : per_layer) + ", found " + std::to_string(values);
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
  const auto origin = [&](const std::string& name) {
    const auto known = settings.origin.find(name);
    return known == settings.origin.end() ? std::string() : known->second;
  };
  const auto report = [&](const std::string& name, const std::string& problem) {
    settings.problems.push_back(label(origin(name), name) + ": " + problem);
  };
  for (const Option& option : options()) {
    const bool is_given = settings.is_set(option.name) && origin(option.name) != kCheckpointOrigin;
    if (is_given && is_without_effect(option, config)) {
      report(option.name, !config.layers.empty()
                              ? "cannot be combined with layers (" +
                                    label(origin("layers"), "layers") + "), which states it"
                              : "only leaky neurons have it; the neuron is " +
                                    std::string(name_of(config.neuron)));
    }
    const std::string problem = per_layer_problem(option, config);
    if (!problem.empty()) report(option.name, problem);
  }
  if (config.momentum != 0 && config.optimizer != OptimizerKind::kSgd) {
    report("momentum", "only the optimizer sgd has a momentum; the optimizer is " +
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
