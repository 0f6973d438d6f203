#include "cli/neuron_experiment.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "network/field_text.h"
#include "network/neuron_text.h"
#include "snn/text/error.h"
#include "snn/text/range.h"
#include "snn/text/text.h"
#include "text/message.h"
#include "text/value_list.h"
#include "train/neuron_options.h"

namespace snn::cli {
namespace {

// The values of flags, by name.
using Texts = std::map<std::string, std::string, std::less<>>;

// The options of the axon only.
constexpr std::string_view kOfAxon[] = {"duration", "dt"};

bool is_of_any_kind(const Option& option) {
  return &option != &option_of(&Config::json) && option.neurons.empty();
}

bool has_option(NeuronKind kind, const Option& option) {
  return option.neurons.empty() || std::ranges::find(option.neurons, kind) != option.neurons.end();
}

// The kind called `name`; nothing for the axon. Reports an unknown one to `problems`.
std::optional<NeuronKind> kind_called(const std::string& name, const std::string& flag,
                                      std::vector<std::string>& problems) {
  const std::vector<std::string> known = experiment_kinds();
  if (std::ranges::find(known, name) == known.end()) {
    problems.push_back("--" + flag + ": expected " + one_of(known) + ", found " + quote(name) +
                       did_you_mean(name, known));
  }
  return from_name<NeuronKind>(name);
}

// Reads one experiment from the values of flags, and collects problems.
class Reader {
 public:
  Reader(const Texts& texts, std::vector<std::string>& problems)
      : texts_(texts), problems_(problems) {}

  // `stated`: KIND[:option=value,...], or empty: the kind is that of --neuron.
  Experiment read(const std::string& stated = "") {
    Experiment experiment;
    const std::string name = stated.empty() ? kind_name() : stated.substr(0, stated.find(':'));
    const auto kind =
        kind_called(kebab_case(name), stated.empty() ? "neuron" : "compare", problems_);
    if (stated.empty()) refuse_options_of_others(kind);
    read_current(experiment, kind.has_value());
    for (const Option& option : neuron_program_options()) read_option(option, experiment.config);
    read_real("duration", {.low = 0, .high = 100'000, .without_low = true}, experiment.duration);
    read_real("dt", Range::between(1e-4, 0.05), experiment.dt);
    take_length_of_recording(experiment);
    if (kind) {
      experiment.config.neuron = *kind;
      read_neuron(experiment, stated);
    } else {
      check_steps_of_axon(experiment);
    }
    return experiment;
  }

 private:
  bool has(std::string_view name) const { return texts_.find(name) != texts_.end(); }
  void report(std::string_view name, const std::string& problem) {
    problems_.push_back("--" + std::string(name) + ": " + problem);
  }
  std::string kind_name() const {
    return has("neuron") ? texts_.find("neuron")->second : std::string(LeakyOptions::kName);
  }

  void refuse_options_of_others(std::optional<NeuronKind> kind) {
    const std::string name(kind ? name_of(*kind) : kHodgkinHuxley);
    for (const Option& option : neuron_program_options()) {
      const bool is_own =
          kind ? has_option(*kind, option) : !is_of_any_kind(option) && option.neurons.empty();
      if (!is_own && has(option.name))
        report(option.name, "the neuron " + name + " has no such option");
    }
    for (const std::string_view option : kOfAxon) {
      if (!kind || !has(option)) continue;
      report(option,
             "only the neuron " + std::string(kHodgkinHuxley) + " has it; the neuron is " + name);
    }
  }

  void read_current(Experiment& experiment, bool is_in_steps) {
    experiment.current.amplitude = is_in_steps ? 0.2 : 10;
    if (!has("current")) return;
    try {
      experiment.current = parse_waveform(texts_.find("current")->second);
    } catch (const Error& error) {
      if (error.code() != ExitCode::kUsage) throw;
      report("current", error.what());
    }
  }

  void read_option(const Option& option, Config& config) {
    if (!has(option.name)) return;
    std::string problem = option.parse(config, texts_.find(option.name)->second);
    if (problem.empty() && split_list(option.format(config)).size() != 1) {
      problem = "expected one value; for several neurons: --compare " + option.name + "=" +
                texts_.find(option.name)->second;
    }
    if (!problem.empty()) report(option.name, problem);
  }

  // A value may be outside of the range of the kind's own, or contradict another.
  void read_neuron(Experiment& experiment, const std::string& stated) {
    if (!problems_.empty()) return;
    try {
      const auto by_flags = [&](NeuronKind) { return neuron_of_layer(experiment.config, 0); };
      const std::string own(name_of(experiment.config.neuron));
      experiment.neuron = parse_neuron(stated.empty() ? own : stated, by_flags);
    } catch (const Error& error) {
      if (stated.empty()) problems_.push_back(std::string("--neuron: ") + error.what());
      if (!stated.empty()) report("compare", error.what());
    }
  }

  void read_real(std::string_view name, const Range& range, double& value) {
    if (!has(name)) return;
    const std::string problem = read_number(texts_.find(name)->second, range, value);
    if (!problem.empty()) report(name, problem);
  }

  void take_length_of_recording(Experiment& experiment) const {
    if (experiment.current.kind != WaveformKind::kRecorded) return;
    const double end = experiment.current.recorded_end;
    if (!has("duration")) experiment.duration = end;
    if (!has(option_of(&Config::steps).name)) {
      experiment.config.steps = static_cast<std::int64_t>(std::ceil(end));
    }
  }

  void check_steps_of_axon(const Experiment& experiment) {
    constexpr double kMostSteps = 1e7;
    if (experiment.duration / experiment.dt > kMostSteps) {
      report("duration", "expected at most 10,000,000 steps of dt; try a longer --dt");
    }
    if (experiment.duration < experiment.dt) {
      report("duration", "expected at least one step of dt, " + format_real(experiment.dt) +
                             " ms, found " + format_real(experiment.duration));
    }
  }

  const Texts& texts_;
  std::vector<std::string>& problems_;
};

// The options that --compare takes values of.
std::vector<std::string> comparable() {
  std::vector<std::string> names;
  for (const Option& option : neuron_program_options()) {
    if (!option.neurons.empty()) names.push_back(option.name);
  }
  names.insert(names.end(), {"seed", "current", "dt", "neuron"});
  return names;
}

// Compares the neurons `stated`, KIND[:option=value,...] each.
std::vector<Experiment> compare_kinds(const std::vector<std::string>& stated, const Texts& texts,
                                      std::vector<std::string>& problems) {
  if (texts.contains("neuron")) problems.push_back("--neuron: already given by --compare");
  std::vector<NeuronKind> kinds;
  for (const std::string& each : stated) {
    const auto kind = kind_called(kebab_case(each.substr(0, each.find(':'))), "compare", problems);
    if (kind) kinds.push_back(*kind);
  }
  if (!problems.empty()) return {};
  if (kinds.size() != stated.size()) {
    problems.push_back(std::string("--compare: ") + kHodgkinHuxley +
                       " runs in ms, the others in steps; compare it by --neuron " +
                       kHodgkinHuxley + " --compare current=...");
    return {};
  }
  for (const auto& [name, text] : texts) {
    const auto option = std::ranges::find(neuron_program_options(), name, &Option::name);
    const bool is_known = option != neuron_program_options().end();
    const bool is_used = is_known && std::ranges::any_of(kinds, [&](NeuronKind kind) {
                           return has_option(kind, *option);
                         });
    const bool is_of_axon = std::ranges::find(kOfAxon, name) != std::end(kOfAxon);
    if (is_of_axon || (is_known && !is_used)) {
      problems.push_back("--" + name + ": none of the neurons has it");
    }
  }
  std::vector<Experiment> experiments;
  for (const std::string& each : stated) {
    experiments.push_back(Reader(texts, problems).read(each));
    experiments.back().name = each;
  }
  return experiments;
}

std::vector<Experiment> compare(const std::string& compared, Texts texts,
                                std::vector<std::string>& problems) {
  const std::size_t equals = std::min(compared.find('='), compared.size());
  const std::size_t end = std::min({equals, compared.find(','), compared.find(':')});
  const std::string name = kebab_case(trimmed(compared.substr(0, end)));
  const std::vector<std::string> known = comparable(), kinds = experiment_kinds();
  const bool is_option = end == equals && end < compared.size() && name != "neuron";
  const bool is_kind = std::ranges::find(kinds, name) != kinds.end() || name == "neuron";
  const std::string list = name == "neuron" || is_option
                               ? compared.substr(std::min(equals + 1, compared.size()))
                               : compared;
  const auto values = split_list(list);
  constexpr std::size_t kMost = 12;
  if (values.empty() || values.size() > kMost) {
    problems.push_back(
        fmt::format("--compare: expected 1 to {} values, found {}", kMost, values.size()));
  } else if (!is_option && is_kind) {
    return compare_kinds(values, texts, problems);
  } else if (!is_option || std::ranges::find(known, name) == known.end()) {
    std::vector<std::string> all = known;
    all.insert(all.end(), kinds.begin(), kinds.end());
    problems.push_back(
        "--compare: expected OPTION=VALUE,... or KIND[:option=value,...],..., found " +
        quote(compared) + did_you_mean(name, all));
  } else if (texts.contains(name)) {
    problems.push_back("--" + name + ": already given by --compare");
  }
  if (!problems.empty()) return {};
  std::vector<Experiment> experiments;
  for (const std::string& value : values) {
    texts[name] = value;
    experiments.push_back(Reader(texts, problems).read());
    experiments.back().name = name == "current" ? value : name + " " + value;
  }
  return experiments;
}

}  // namespace

const std::vector<Option>& neuron_program_options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> all;
    for (const Option& known : options()) {
      const bool is_general = &known == &option_of(&Config::steps) ||
                              &known == &option_of(&Config::seed) ||
                              &known == &option_of(&Config::json);
      if (!is_general && !known.shapes_membrane) continue;
      Option& option = all.emplace_back(known);
      const std::size_t list = option.value.find(",...");
      if (option.is_list && list != std::string::npos) option.value.erase(list, 4);
      option.is_list = false;
      if (&known == &option_of(&Config::seed)) {
        option.help = "Random seed of initial weights (slstm, leaky-parallel, dense recurrence)";
      }
    }
    return all;
  }();
  return table;
}

std::vector<std::string> experiment_kinds() {
  std::vector<std::string> names = all_names<NeuronKind>();
  names.emplace_back(kHodgkinHuxley);
  return names;
}

std::vector<Experiment> read_experiments(const CommandLine& line,
                                         std::vector<std::string>& problems) {
  Texts texts;
  for (const auto& [option, text] : line.options) texts[option->name] = text;
  for (const char* action : {"neuron", "current", "duration", "dt"}) {
    if (line.has(action)) texts[action] = line.get(action);
  }
  if (!line.has("compare")) return {Reader(texts, problems).read()};
  std::vector<Experiment> experiments = compare(line.get("compare"), std::move(texts), problems);
  // A problem common to all of them is reported once.
  std::ranges::sort(problems);
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  return experiments;
}

void simulate(Experiment& experiment) {
  experiment.trace =
      experiment.neuron
          ? run_neuron(*experiment.neuron, experiment.current, experiment.config.steps,
                       static_cast<std::uint64_t>(experiment.config.seed))
          : run_hodgkin_huxley(experiment.current, experiment.duration, experiment.dt);
}

std::string description(const Experiment& experiment) {
  if (!experiment.neuron) {
    return fmt::format("{}, Runge-Kutta of order 4 in steps of {} ms", kHodgkinHuxley,
                       format_real(experiment.dt));
  }
  const NeuronKind kind = kind_of(*experiment.neuron);
  std::vector<std::string> texts = {std::string(name_of(kind))};
  const auto describe = [&](const auto& options, const auto& usual) {
    using Options = std::decay_t<decltype(options)>;
    std::map<std::string, std::string> defaults;
    visit_options(usual, [&](const Field& field, const auto& value) {
      defaults[field.name] = codec_of(field, value).format(value);
    });
    visit_options(options, [&](const Field& field, const auto& value) {
      using Value = std::decay_t<decltype(value)>;
      if (!field.shapes_membrane) return;
      if constexpr (requires(const Options& each) { each.has_tensor(field); }) {
        if (!options.has_tensor(field)) return;
      }
      const std::string text = codec_of(field, value).format(value);
      const bool is_usual = text == defaults[field.name];
      if constexpr (std::is_same_v<Value, bool>) {
        if (!is_usual) texts.push_back((value ? "" : "no ") + field.name);
      } else if (std::is_same_v<Value, PerNeuron> || std::is_enum_v<Value> || !is_usual) {
        texts.push_back(field.name + " " + text);
      }
    });
    if constexpr (requires(const Options& each) { each.further_parameters(1); }) {
      if (options.further_parameters(1) > 0) {
        texts.push_back("seed " + std::to_string(experiment.config.seed));
      }
    }
  };
  std::visit(
      [&]<class Options>(const Options& options) {
        describe(options, std::get<Options>(default_neuron(kind)));
      },
      *experiment.neuron);
  return join(texts, ", ");
}

std::optional<double> threshold_of(const Experiment& experiment) {
  std::optional<double> threshold;
  if (!experiment.neuron) return threshold;
  const auto look = [&](const Field& field, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, PerNeuron>) {
      if (field.name == threshold_field().name) threshold = value.at(0);
    }
  };
  std::visit([&](const auto& options) { visit_options(options, look); }, *experiment.neuron);
  return threshold;
}

}  // namespace snn::cli
