// snn-neuron: runs a single neuron under a current.

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <numeric>
#include <optional>

#include "cli/command_line.h"
#include "cli/layout.h"
#include "cli/output_file.h"
#include "cli/terminal.h"
#include "single_neuron/neuron_chart.h"
#include "single_neuron/trace.h"
#include "snn/text/error.h"
#include "snn/text/range.h"
#include "snn/text/text.h"
#include "text/csv.h"
#include "text/json.h"
#include "text/message.h"
#include "text/value_list.h"
#include "train/neuron_options.h"
#include "train/option_table.h"

namespace snn {

enum class NeuronModel { kLeaky, kHodgkinHuxley };
template <>
struct Names<NeuronModel> {
  static constexpr std::pair<NeuronModel, std::string_view> table[] = {
      {NeuronModel::kLeaky, "leaky"}, {NeuronModel::kHodgkinHuxley, "hodgkin-huxley"}};
};

namespace cli {
namespace {

constexpr const char* kName = "snn-neuron";
constexpr double kSvgWidth = 560;

const Option& steps_option() { return option_of(&Config::steps); }

// Options of snn-train that take one value for a single neuron.
const std::vector<Option>& table_options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> all;
    const NeuronKind leaky = kKindOf<LeakyOptions>;
    for (const Option& known : options()) {
      const bool is_of_leaky =
          known.shapes_membrane && std::ranges::find(known.neurons, leaky) != known.neurons.end();
      const bool is_general = &known == &steps_option() || &known == &option_of(&Config::json);
      if (!is_of_leaky && !is_general) continue;
      Option& option = all.emplace_back(known);
      const std::size_t list = option.value.find(",...");
      if (option.is_list && list != std::string::npos) option.value.erase(list, 4);
      option.is_list = false;
      option.differences.clear();  // other neurons' than the one that it runs
    }
    return all;
  }();
  return table;
}

// True if only a leaky neuron has an option.
bool is_of_leaky(const Option& option) {
  return option.shapes_membrane || option.name == steps_option().name;
}

// The options of the Hodgkin-Huxley neuron only.
constexpr std::string_view kOfHodgkinHuxley[] = {"duration", "dt"};
// The options that --compare accepts.
std::vector<std::string> comparable() {
  std::vector<std::string> names;
  for (const Option& option : table_options()) {
    if (option.shapes_membrane) names.push_back(option.name);
  }
  names.insert(names.end(), {"current", "dt"});
  return names;
}

Program program() {
  Program program;
  program.name = kName;
  program.summary = "Simulates a single neuron driven by an input current, and plots it.";
  for (const Option& option : table_options()) program.options.push_back(&option);
  program.actions = {
      {"neuron", "leaky|hodgkin-huxley",
       "Neuron model: snnTorch's Leaky, in time steps; or the squid giant axon, in ms, mV and "
       "µA/cm² "
       "[leaky]",
       all_names<NeuronModel>()},
      {"current", "WAVEFORM|FILE.csv",
       "step:AMPLITUDE,start=0, ramp:TO,from=0, pulse:AMPLITUDE,start=0,width=1,period=0, or a "
       "recorded current: one value per line for the times 0, 1, 2, ..., or time,value [step:0.2; "
       "hodgkin-huxley: step:10]"},
      {"duration", "MS", "hodgkin-huxley: duration, in ms (in (0, 100000]) [100]"},
      {"dt", "MS", "hodgkin-huxley: integration step, in ms (in [0.0001, 0.05]) [0.01]"},
      {"compare", "NAME=VALUE,...",
       "Simulate one neuron per value: beta=0.5,0.95 or current=step:0.1,step:0.2"},
      {"svg", "FILE.svg", "Plot current, membrane with threshold, and spikes"},
      {"csv", "FILE.csv", "Write time, current, membrane and spikes"}};
  program.footer =
      "Examples:\n"
      "  snn-neuron --beta 0.95 --current step:0.2 --steps 100 --svg neuron.svg\n"
      "  snn-neuron --current pulse:0.8,start=10,width=5 -T 100 --compare beta=0.5,0.95\n"
      "  snn-neuron --neuron hodgkin-huxley --current ramp:20 --svg axon.svg\n"
      "\n"
      "Exit status: 0 done, 1 internal error or full disk, 2 wrong options, 3 the\n"
      "recorded current is missing or damaged, 4 a value became infinite.\n";
  return program;
}

// The values of flags, by name.
using Texts = std::map<std::string, std::string, std::less<>>;

// One neuron and its input.
struct Experiment {
  std::string name;  // distinguishes it in a comparison
  NeuronModel model = NeuronModel::kLeaky;
  Waveform current;
  Config config;  // for a leaky neuron
  double duration = 100, dt = 0.01;
  Trace trace;
};

// Collects problems.
class Reader {
 public:
  Reader(const Texts& texts, std::vector<std::string>& problems)
      : texts_(texts), problems_(problems) {}

  Experiment read() {
    Experiment experiment;
    read_model(experiment);
    refuse_options_of_the_other_model(experiment.model);
    read_current(experiment);
    for (const Option& option : table_options()) read_option(option, experiment.config);
    read_real("duration", {.low = 0, .high = 100'000, .without_low = true}, experiment.duration);
    read_real("dt", Range::between(1e-4, 0.05), experiment.dt);
    take_length_of_recording(experiment);
    constexpr double kMostSteps = 1e7;
    if (experiment.duration / experiment.dt > kMostSteps) {
      report("duration", "expected at most 10,000,000 steps of dt; try a longer --dt");
    }
    if (experiment.model == NeuronModel::kHodgkinHuxley && experiment.duration < experiment.dt) {
      report("duration", "expected at least one step of dt, " + format_real(experiment.dt) +
                             " ms, found " + format_real(experiment.duration));
    }
    return experiment;
  }

 private:
  bool has(std::string_view name) const { return texts_.find(name) != texts_.end(); }
  void report(std::string_view name, const std::string& problem) {
    problems_.push_back("--" + std::string(name) + ": " + problem);
  }

  void read_model(Experiment& experiment) {
    if (!has("neuron")) return;
    const std::string& text = texts_.find("neuron")->second;
    const auto known = from_name<NeuronModel>(kebab_case(text));
    const auto names = all_names<NeuronModel>();
    if (known) experiment.model = *known;
    if (!known) {
      report("neuron",
             "expected " + one_of(names) + ", found " + quote(text) + did_you_mean(text, names));
    }
  }

  void refuse_options_of_the_other_model(NeuronModel model) {
    const auto refuse = [&](std::string_view option, NeuronModel owner) {
      if (model == owner || !has(option)) return;
      report(option, "only the neuron " + std::string(name_of(owner)) + " has it; the neuron is " +
                         std::string(name_of(model)));
    };
    for (const Option& option : table_options()) {
      if (is_of_leaky(option)) refuse(option.name, NeuronModel::kLeaky);
    }
    for (const std::string_view option : kOfHodgkinHuxley) {
      refuse(option, NeuronModel::kHodgkinHuxley);
    }
  }

  void read_current(Experiment& experiment) {
    experiment.current.amplitude = experiment.model == NeuronModel::kLeaky ? 0.2 : 10;
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

  void read_real(std::string_view name, const Range& range, double& value) {
    if (!has(name)) return;
    const std::string problem = read_number(texts_.find(name)->second, range, value);
    if (!problem.empty()) report(name, problem);
  }

  void take_length_of_recording(Experiment& experiment) const {
    if (experiment.current.kind != WaveformKind::kRecorded) return;
    const double end = experiment.current.recorded_end;
    if (!has("duration")) experiment.duration = end;
    if (!has(steps_option().name))
      experiment.config.steps = static_cast<std::int64_t>(std::ceil(end));
  }

  const Texts& texts_;
  std::vector<std::string>& problems_;
};

// The neurons of the command line: one, or those to compare.
std::vector<Experiment> read_experiments(const CommandLine& line,
                                         std::vector<std::string>& problems) {
  Texts texts;
  for (const auto& [option, text] : line.options) texts[option->name] = text;
  for (const char* action : {"neuron", "current", "duration", "dt"}) {
    if (line.has(action)) texts[action] = line.get(action);
  }
  if (!line.has("compare")) return {Reader(texts, problems).read()};

  const std::string compared = line.get("compare");
  const std::size_t equals = std::min(compared.find('='), compared.size());
  const std::string name = kebab_case(trimmed(compared.substr(0, equals)));
  const auto values = split_list(compared.substr(std::min(equals + 1, compared.size())));
  constexpr std::size_t kMost = 12;
  const std::vector<std::string> known = comparable();
  if (std::ranges::find(known, name) == known.end()) {
    problems.push_back("--compare: expected NAME=VALUE,... with the name " + one_of(known) +
                       ", found " + quote(compared) + did_you_mean(name, known));
  } else if (texts.contains(name)) {
    problems.push_back("--" + name + ": already given by --compare");
  } else if (values.empty() || values.size() > kMost) {
    problems.push_back(
        fmt::format("--compare: expected 1 to {} values, found {}", kMost, values.size()));
  }
  if (!problems.empty()) return {};
  std::vector<Experiment> experiments;
  for (const std::string& value : values) {
    texts[name] = value;
    experiments.push_back(Reader(texts, problems).read());
    experiments.back().name = name == "current" ? value : name + " " + value;
  }
  // A problem common to all of them is reported once.
  std::ranges::sort(problems);
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  return experiments;
}

LeakyOptions leaky_options(const Config& config) {
  return std::get<LeakyOptions>(neuron_of_layer(config, 0));
}

void run(Experiment& experiment) {
  const Config& config = experiment.config;
  if (experiment.model == NeuronModel::kHodgkinHuxley) {
    experiment.trace = run_hodgkin_huxley(experiment.current, experiment.duration, experiment.dt);
    return;
  }
  experiment.trace = run_leaky(leaky_options(config), experiment.current, config.steps);
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The firing rate per step or, for the axon, per second: the reciprocal of the mean interval.
std::optional<double> rate(const Experiment& experiment) {
  const std::vector<double> times = intervals(experiment.trace);
  if (times.empty()) return std::nullopt;
  return (experiment.model == NeuronModel::kLeaky ? 1 : 1000) / mean(times);
}

std::string neuron_text(const Experiment& experiment) {
  if (experiment.model == NeuronModel::kHodgkinHuxley) {
    return fmt::format("hodgkin-huxley, Runge-Kutta of order 4 in steps of {} ms",
                       format_real(experiment.dt));
  }
  const LeakyOptions options = leaky_options(experiment.config);
  return fmt::format("leaky, beta {}, threshold {}, reset {}{}",
                     format_real(options.beta().values[0]),
                     format_real(options.threshold().values[0]), name_of(options.reset()),
                     options.reset_delay() ? "" : " without delay");
}

// Four significant digits, or all digits before the decimal point.
std::string shown(const std::optional<double>& value) {
  if (!value) return "-";
  return std::abs(*value) < 1e4 ? fmt::format("{:.4g}", *value) : fmt::format("{:.0f}", *value);
}

void print_one(const Experiment& experiment) {
  const bool is_leaky = experiment.model == NeuronModel::kLeaky;
  const std::string unit = is_leaky ? "" : " ms";
  const Trace& trace = experiment.trace;
  std::cout << fmt::format("neuron     {}\n", neuron_text(experiment));
  std::cout << fmt::format("current    {}\n", to_string(experiment.current));
  std::cout << fmt::format("spikes     {} in {}{}", trace.spikes.size(), shown(trace.duration),
                           is_leaky ? " steps" : unit);
  if (!trace.spikes.empty()) {
    std::cout << fmt::format(", the first at {}{}", shown(trace.spikes[0]), unit);
  }
  const std::vector<double> times = intervals(trace);
  if (times.empty()) {
    std::cout << '\n';
    return;
  }
  const auto columns = static_cast<std::size_t>(columns_of(STDOUT_FILENO));
  std::cout << fmt::format("\nrate       {} {}\n", shown(rate(experiment)),
                           is_leaky ? "per step" : "Hz");
  constexpr std::size_t kShown = 16;
  std::vector<std::string> texts;
  for (const double time : times) {
    if (texts.size() < kShown) texts.push_back(shown(time));
  }
  const std::string text = fmt::format(
      "{}{}{} (mean {}, {} to {})", join(texts, " "), times.size() > kShown ? " ..." : "", unit,
      shown(mean(times)), shown(std::ranges::min(times)), shown(std::ranges::max(times)));
  constexpr std::string_view kLabel = "intervals  ";
  std::cout << kLabel << wrapped(text, kLabel.size(), columns) << '\n';
}

void print_table(const std::vector<Experiment>& experiments) {
  const bool is_leaky = experiments[0].model == NeuronModel::kLeaky;
  // A longer name gets its own line.
  constexpr std::size_t kLongest = 16;
  std::size_t width = 6;
  for (const Experiment& experiment : experiments) {
    if (experiment.name.size() <= kLongest) width = std::max(width, experiment.name.size());
  }
  std::cout << fmt::format("{:<{}}  spikes    first  {:>11}  interval: mean    min    max\n",
                           "neuron", width, is_leaky ? "rate/step" : "rate (Hz)");
  for (const Experiment& experiment : experiments) {
    const auto& spikes = experiment.trace.spikes;
    const std::vector<double> times = intervals(experiment.trace);
    const auto of = [&](auto number) {
      return times.empty() ? std::string("-") : shown(number(times));
    };
    const bool is_long = experiment.name.size() > width;
    if (is_long) std::cout << experiment.name << '\n';
    std::cout << fmt::format("{:<{}}  {:>6}  {:>7}  {:>11}  {:>14}  {:>5}  {:>5}\n",
                             is_long ? "" : experiment.name, width, spikes.size(),
                             spikes.empty() ? "-" : shown(spikes[0]), shown(rate(experiment)),
                             of(mean), of([](const auto& all) { return std::ranges::min(all); }),
                             of([](const auto& all) { return std::ranges::max(all); }));
  }
}

void print_json(const std::vector<Experiment>& experiments, const CommandLine& line) {
  const bool is_leaky = experiments[0].model == NeuronModel::kLeaky;
  Json list = Json::array();
  for (const Experiment& experiment : experiments) {
    const auto by_interval = rate(experiment);
    list.push_back({{"name", experiment.name},
                    {"neuron", neuron_text(experiment)},
                    {"current", to_string(experiment.current)},
                    {"duration", experiment.trace.duration},
                    {"spikes", experiment.trace.spikes},
                    {"intervals", intervals(experiment.trace)},
                    {"rate", by_interval ? Json(*by_interval) : Json(nullptr)}});
  }
  Json json = {{"time_unit", is_leaky ? "step" : "ms"},
               {"rate_unit", is_leaky ? "1/step" : "Hz"},
               {"neurons", list}};
  for (const char* file : {"svg", "csv"}) {
    if (line.has(file)) json[file] = line.get(file);
  }
  std::cout << dump_json(json, 2) << '\n';
}

// One row per sample, in single precision, the precision of a leaky neuron. `spike` is 1 at the
// first sample that is not before a spike.
std::string to_csv(const std::vector<Experiment>& experiments) {
  const bool is_one = experiments.size() == 1;
  std::vector<std::string> cells = {"time", "current", "membrane", "spike"};
  if (!is_one) cells.insert(cells.begin(), "neuron");
  std::string text = csv_line(cells);
  for (const Experiment& experiment : experiments) {
    const Trace& trace = experiment.trace;
    std::size_t spike = 0;
    for (std::size_t i = 0; i < trace.times.size(); ++i) {
      const bool is_spike = spike < trace.spikes.size() && trace.spikes[spike] <= trace.times[i];
      if (is_spike) ++spike;
      cells = {fmt::format("{:.10g}", trace.times[i]),
               format_single(static_cast<float>(trace.current[i])),
               format_single(static_cast<float>(trace.membrane[i])), is_spike ? "1" : "0"};
      // A name such as pulse:1,width=2 contains commas.
      if (!is_one) cells.insert(cells.begin(), experiment.name);
      text += csv_line(cells);
    }
  }
  return text;
}

std::string to_svg(const std::vector<Experiment>& experiments) {
  const bool is_leaky = experiments[0].model == NeuronModel::kLeaky;
  const report::NeuronUnits units =
      is_leaky ? report::NeuronUnits{"time (steps)", "current", "membrane"}
               : report::NeuronUnits{"time (ms)", "current (µA/cm²)", "membrane (mV)"};
  std::vector<report::TracedNeuron> neurons;
  for (const Experiment& experiment : experiments) {
    report::TracedNeuron& neuron = neurons.emplace_back();
    neuron.name = experiment.name;
    neuron.trace = experiment.trace;
    neuron.rest = is_leaky ? 0 : experiment.trace.membrane[0];
    if (is_leaky) neuron.threshold = leaky_options(experiment.config).threshold().values[0];
  }
  const std::string title = experiments.size() > 1 ? std::string(name_of(experiments[0].model))
                                                   : neuron_text(experiments[0]);
  return report::svg_file(report::draw_neurons(title, neurons, units, kSvgWidth));
}

int run(int argc, char** argv) {
  CommandLine line;
  if (!read_command_line(program(), argc, argv, version_text(kName), line)) return 0;
  Settings settings;
  settings.problems = line.problems;
  for (const char* file : {"svg", "csv"}) {
    const std::string problem =
        line.has(file) ? output_problem(line.get(file), std::string(".") + file) : "";
    if (!problem.empty()) settings.problems.push_back("--" + std::string(file) + ": " + problem);
  }
  std::vector<Experiment> experiments = read_experiments(line, settings.problems);
  throw_if_wrong(settings);

  for (Experiment& experiment : experiments) run(experiment);
  if (line.has("svg")) write_text(line.get("svg"), to_svg(experiments));
  if (line.has("csv")) write_text(line.get("csv"), to_csv(experiments));
  if (experiments[0].config.json) {
    print_json(experiments, line);
    return 0;
  }
  if (line.has("compare")) {
    print_table(experiments);
  } else {
    print_one(experiments[0]);
  }
  if (line.has("svg")) std::cout << fmt::format("drawing    {}\n", line.get("svg"));
  if (line.has("csv")) std::cout << fmt::format("table      {}\n", line.get("csv"));
  return 0;
}

}  // namespace
}  // namespace cli
}  // namespace snn

int main(int argc, char** argv) {
  return snn::cli::run_program(snn::cli::kName, "try fewer --steps",
                               [&] { return snn::cli::run(argc, argv); });
}
