#include "sweep/definition.h"

#include <algorithm>
#include <functional>
#include <map>

#include "snn/text/error.h"
#include "snn/text/range.h"
#include "snn/text/text.h"
#include "sweep/wandb.h"
#include "text/json.h"
#include "text/message.h"
#include "text/value_list.h"
#include "train/metric.h"
#include "train/option_table.h"
#include "train/yaml.h"

namespace snn {
namespace {

constexpr std::int64_t kMostSeeds = 10'000;

Error usage(const std::string& problem) { return Error(ExitCode::kUsage, problem); }

// The option to sweep; it must be one that may affect what a run learns, or how fast.
const Option& swept_option(const std::string& name) {
  const Option& option = option_called(name);
  if (!option.is_sweepable) {
    throw usage(option.name + ": cannot be swept, because it does not change what a run learns");
  }
  return option;
}

bool is_seed(const std::string& name) { return find_option(name) == &option_of(&Config::seed); }

void add_value(const std::string& text, SweptOption& parameter) {
  const std::string value = canonical(*parameter.option, text);
  auto& values = parameter.values;
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

// Throws one error that lists everything wrong with the values.
void add_values(const std::vector<std::string>& texts, SweptOption& parameter) {
  std::vector<std::string> problems;
  for (const std::string& text : texts) {
    try {
      add_value(text, parameter);
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
  }
  if (!problems.empty()) throw usage(join(problems, "; "));
}

void set_seeds(const std::vector<std::string>& texts, const std::string& origin,
               Definition& definition) {
  if (!definition.seeds.empty()) {
    throw usage("seeds are already given (" + definition.seeds_origin + ")");
  }
  SweptOption seed{&option_of(&Config::seed), origin, {}};
  add_values(texts, seed);
  if (seed.values.empty()) throw usage("seeds: expected at least one, found none");
  definition.seeds = seed.values;
  definition.seeds_origin = origin;
}

// A single number N stands for the seeds 1 to N.
void set_seed_count(const std::string& text, const std::string& origin, Definition& definition) {
  std::int64_t count = 0;
  const std::string problem = read_number(text, Range::between(1, kMostSeeds), count);
  if (!problem.empty()) throw usage("seeds: " + problem);
  std::vector<std::string> seeds;
  for (std::int64_t seed = 1; seed <= count; ++seed) seeds.push_back(std::to_string(seed));
  set_seeds(seeds, origin, definition);
}

template <class E>
E read_name(const std::string& key, const YAML::Node& node) {
  const std::vector<std::string> names = all_names<E>();
  const std::string text = node.IsScalar() ? lower_case(kebab_case(node.Scalar())) : "";
  if (const auto known = from_name<E>(text)) return *known;
  throw usage(key + ": expected " + one_of(names) + ", found " + node_text(node) +
              did_you_mean(text, names));
}

double read_real(const std::string& key, const YAML::Node& node) {
  double value = 0;
  if (node.IsScalar() && parse_real(node.Scalar(), value)) return value;
  throw usage(key + ": expected a number, found " + node_text(node));
}

std::int64_t read_whole(const std::string& key, const YAML::Node& node, double low) {
  std::int64_t value = 0;
  const Range range = Range::between(low, 1e9);
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  const std::string problem = read_number(text, range, value);
  if (problem.empty()) return value;
  throw usage(key + ": expected an integer " + range.text() + ", found " + node_text(node));
}

using KeyReader = std::function<void(const YAML::Node&, const std::string& origin)>;
using Keys = std::map<std::string, KeyReader>;

// Reads a map whose keys are all known.
void read_keys(const YAML::Node& map, const std::string& file, const std::string& what,
               std::vector<std::string>& problems, const Keys& keys) {
  for_each_entry(map, file, what, problems,
                 [&](const std::string& key, const YAML::Node& value, const std::string& origin) {
                   const std::string name = with_underscores(key);
                   const auto known = keys.find(name);
                   if (known != keys.end()) return known->second(value, origin);
                   if (is_merged(value)) return;
                   std::vector<std::string> names;
                   for (const auto& [each, reader] : keys) names.push_back(each);
                   throw usage("unknown " + what + " " + quote(key) + did_you_mean(name, names) +
                               "; expected " + one_of(names));
                 });
}

// Reads one sweep's file.
class Reader {
 public:
  Reader(const std::string& file, Definition& definition) : file_(file), definition_(definition) {}

  void read(const YAML::Node& document) {
    const Keys keys = {
        {"name", [&](const auto& node, const auto&) { read_sweep_name(node); }},
        {"method", [&](const auto& node, const auto&) { read_method(node); }},
        {"metric", [&](const auto& node, const auto&) { read_metric(node); }},
        {"options",
         [&](const auto& node, const auto&) { apply_yaml_map(node, file_, definition_.base); }},
        {"parameters", [&](const auto& node, const auto&) { read_parameters(node); }},
        {"seeds", [&](const auto& node, const auto& origin) { read_seeds(node, origin); }},
        {"run_cap", [&](const auto& node,
                        const auto&) { definition_.run_cap = read_whole("run_cap", node, 1); }},
        {"sweep_seed",
         [&](const auto& node, const auto&) {
           definition_.sweep_seed = read_whole("sweep_seed", node, 0);
         }},
        {"min_epochs",
         [&](const auto& node, const auto&) {
           definition_.min_epochs = read_whole("min_epochs", node, 1);
         }},
        {"eta",
         [&](const auto& node, const auto&) { definition_.eta = read_whole("eta", node, 2); }},
        {"early_terminate", [&](const auto& node, const auto&) {
           definition_.notes.push_back(early_terminate_note(node));
         }}};
    read_keys(without_those_of_wandb(document), file_, "key", definition_.problems(), keys);
  }

 private:
  YAML::Node without_those_of_wandb(const YAML::Node& document) {
    if (!document.IsMap()) return document;
    std::vector<std::string> ignored;
    for (const auto& entry : document) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (is_only_of_wandb(key)) ignored.push_back(key);
    }
    if (ignored.empty()) return document;
    YAML::Node rest = document;
    for (const std::string& key : ignored) rest.remove(key);
    definition_.notes.push_back("ignored, because only W&B uses it: " + join(ignored, ", "));
    return rest;
  }

  void read_method(const YAML::Node& node) {
    if (node.IsScalar() && lower_case(node.Scalar()) == "bayes") {
      definition_.method = Method::kRandom;  // for the checks that follow
      throw usage(
          "method: bayes is not supported; expected random with run_cap: N, which draws N "
          "settings, "
          "successive-halving or grid");
    }
    definition_.method = read_name<Method>("method", node);
  }

  void read_sweep_name(const YAML::Node& node) {
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (trimmed(text).empty() || !is_utf8(text) || std::ranges::any_of(text, is_control)) {
      throw usage("name: expected text on one line, found " + node_text(node));
    }
    definition_.name = node.Scalar();
  }

  void read_metric(const YAML::Node& node) {
    if (node.IsScalar()) return read_metric_name(node);
    read_keys(node, file_, "key of metric", definition_.problems(),
              {{"name", [&](const auto& name, const auto&) { read_metric_name(name); }},
               {"goal", [&](const auto& goal, const auto&) {
                  definition_.goal = read_name<Goal>("metric: goal", goal);
                }}});
  }

  void read_metric_name(const YAML::Node& node) {
    std::vector<std::string> names;
    for (const MetricName& metric : metric_names()) names.emplace_back(metric.name);
    std::string text = node.IsScalar() ? node.Scalar() : "";
    if (const Metric* metric = find_metric(text)) text = metric->key;  // accepts the old key
    if (std::find(names.begin(), names.end(), text) == names.end()) {
      const std::string meant = meant_metric(text, names);
      throw usage("metric: expected " + one_of(names) + ", found " + node_text(node) +
                  did_you_mean(meant.empty() ? text : meant, names));
    }
    definition_.metric = text;
  }

  void read_seeds(const YAML::Node& node, const std::string& origin) {
    if (node.IsScalar()) return set_seed_count(node.Scalar(), origin, definition_);
    if (!node.IsSequence()) {
      throw usage("seeds: expected a number or a list, found " + node_text(node));
    }
    std::vector<std::string> seeds;
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) throw usage("seeds: expected numbers, found " + node_text(item));
      seeds.push_back(item.Scalar());
    }
    set_seeds(seeds, origin, definition_);
  }

  void read_parameters(const YAML::Node& node) {
    if (!node.IsSequence()) return read_grid(node);
    if (node.size() == 0) throw usage("parameters: expected at least one, found none");
    for (const YAML::Node& grid : node) read_grid(grid);
  }

  void read_grid(const YAML::Node& node) {
    Grid grid;
    for_each_entry(node, file_, "option", definition_.problems(),
                   [&](const std::string& key, const YAML::Node& value, const std::string& origin) {
                     if (find_option(key) == nullptr && is_merged(value)) return;
                     if (is_seed(key)) {
                       throw usage("seed: list the seeds of a sweep under seeds");
                     }
                     grid.push_back(read_parameter(swept_option(key), value, origin));
                   });
    definition_.grids.push_back(std::move(grid));
  }

  SweptOption read_parameter(const Option& option, const YAML::Node& node,
                             const std::string& origin) {
    SweptOption parameter{&option, origin, {}};
    if (!node.IsMap()) {
      throw usage(option.name +
                  ": expected {values: [...]}, {value: ...} or {min: ..., max: ...}, found " +
                  node_text(node));
    }
    std::optional<double> min, max;
    IntervalText interval;
    const auto ignore = [](const auto&, const auto&) {};  // for keys of refused distributions
    const auto number = [&](const char* key, std::optional<double>& result) -> KeyReader {
      return [&option, &result, key](const YAML::Node& value, const std::string&) {
        result = read_real(option.name + ": " + key, value);
      };
    };
    const Keys keys = {
        {"values", [&](const auto& values, const auto&) { read_values(values, parameter); }},
        {"value",
         [&](const auto& value, const auto&) { add_value(text_of(option, value), parameter); }},
        {"min", number("min", min)},
        {"max", number("max", max)},
        {"q", number("q", interval.step)},
        {"mu", ignore},
        {"sigma", ignore},
        {"probabilities",
         [&](const auto&, const auto&) {
           throw usage(option.name +
                       ": probabilities are not supported; all values are equally likely");
         }},
        {"distribution", [&](const auto& value, const auto&) {
           interval.distribution = read_distribution(option, value);
         }}};
    const std::size_t problems_before = definition_.problems().size();
    read_keys(node, file_, "key of " + option.name, definition_.problems(), keys);
    if (definition_.problems().size() > problems_before) return parameter;
    const bool is_of_values =
        interval.distribution.empty() || is_categorical(interval.distribution);
    if (!parameter.values.empty() && !min && !max && !interval.step && is_of_values) {
      return parameter;
    }
    if (!parameter.values.empty() || !min || !max || is_categorical(interval.distribution)) {
      throw usage(option.name + ": expected values, or value, or both min and max");
    }
    interval.min = *min;
    interval.max = *max;
    std::string note;
    parameter.interval = interval_of(option, interval, note);
    if (!note.empty()) definition_.notes.push_back(note);
    return parameter;
  }

  void read_values(const YAML::Node& node, SweptOption& parameter) {
    if (!node.IsSequence() || node.size() == 0) {
      const bool is_empty = node.IsSequence();
      throw usage(parameter.option->name + ": values: expected a list of values, found " +
                  (is_empty ? "an empty one" : node_text(node)));
    }
    std::vector<std::string> texts;
    for (const YAML::Node& item : node) texts.push_back(text_of(*parameter.option, item));
    add_values(texts, parameter);
  }

  static std::string read_distribution(const Option& option, const YAML::Node& node) {
    if (!node.IsScalar()) {
      throw usage(option.name + ": distribution: expected a name, found " + node_text(node));
    }
    const std::string name = lower_case(kebab_case(node.Scalar()));
    check_distribution(option, name);
    return name;
  }

  const std::string& file_;
  Definition& definition_;
};

}  // namespace

std::vector<MetricName> metric_names() {
  std::vector<MetricName> names;
  for (const Metric& metric : all_metrics()) {
    if (metric.better == Better::kNeither) continue;
    const bool is_higher_better = metric.better == Better::kHigher;
    names.push_back({metric.key, is_higher_better ? Goal::kMaximize : Goal::kMinimize});
  }
  return names;
}

void apply_sweep_yaml(std::string_view text, const std::string& file, Definition& definition) {
  read_yaml(text, file, definition.problems(),
            [&](const YAML::Node& document) { Reader(file, definition).read(document); });
}

void apply_set(std::string_view text, Definition& definition) {
  const std::string origin = "--set";
  try {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      throw usage("expected NAME=VALUE,..., found " + quote(text));
    }
    const std::string name(trimmed(text.substr(0, equals)));
    const std::vector<std::string> values = split_values(text.substr(equals + 1));
    if (is_seed(name)) return set_seeds(values, origin, definition);
    SweptOption parameter{&swept_option(name), origin, {}};
    add_values(values, parameter);
    if (definition.grids.empty()) definition.grids.emplace_back();
    for (Grid& grid : definition.grids) {
      const auto known = std::find_if(grid.begin(), grid.end(), [&](const SweptOption& other) {
        return other.option == parameter.option;
      });
      if (known == grid.end()) {
        grid.push_back(parameter);
      } else if (known->origin == origin) {
        throw usage(name + ": is set twice");
      } else {
        *known = parameter;
      }
    }
  } catch (const Error& error) {
    definition.problems().push_back(origin + ": " + error.what());
  }
}

void apply_seeds(std::string_view text, Definition& definition) {
  const std::string origin = "--seeds";
  try {
    // The command line takes precedence over the file.
    if (definition.seeds_origin != "--set") definition.seeds.clear();
    const bool is_list = text.find_first_of(",[") != std::string_view::npos;
    if (!is_list) return set_seed_count(std::string(text), origin, definition);
    set_seeds(split_list(text), origin, definition);
  } catch (const Error& error) {
    definition.problems().push_back(origin + ": " + error.what());
  }
}

}  // namespace snn
