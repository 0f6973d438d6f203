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
#include "cli/neuron_experiment.h"
#include "cli/output_file.h"
#include "cli/terminal.h"
#include "single_neuron/neuron_chart.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/csv.h"
#include "text/json.h"

namespace snn {

namespace cli {
namespace {

constexpr const char* kName = "snn-neuron";
constexpr double kSvgWidth = 560;

Program program() {
  Program program;
  program.name = kName;
  program.summary = "Simulates a single neuron driven by an input current, and plots it.";
  for (const Option& option : neuron_program_options()) program.options.push_back(&option);
  program.actions = {
      {"neuron", "NAME",
       "Neuron model: one of snn-train's, in time steps; or hodgkin-huxley, the squid giant axon, "
       "in ms, mV and µA/cm² [leaky]: " +
           join(experiment_kinds(), ", "),
       experiment_kinds()},
      {"current", "WAVEFORM|FILE.csv",
       "step:AMPLITUDE,start=0, ramp:TO,from=0, pulse:AMPLITUDE,start=0,width=1,period=0, or a "
       "recorded current: one value per line for the times 0, 1, 2, ..., or time,value [step:0.2; "
       "hodgkin-huxley: step:10]"},
      {"duration", "MS", "hodgkin-huxley: duration, in ms (in (0, 100000]) [100]"},
      {"dt", "MS", "hodgkin-huxley: integration step, in ms (in [0.0001, 0.05]) [0.01]"},
      {"compare", "OPTION=VALUE,...|KIND,...",
       "Simulate one neuron per value, beta=0.5,0.95 or current=step:0.1,step:0.2, or per kind, "
       "leaky,synaptic:alpha=0.8,alpha"},
      {"svg", "FILE.svg", "Plot current, membrane with threshold, other states, and spikes"},
      {"csv", "FILE.csv", "Write time, current, states, membrane and spikes"}};
  program.footer =
      "Examples:\n"
      "  snn-neuron --beta 0.95 --current step:0.2 --steps 100 --svg neuron.svg\n"
      "  snn-neuron --current pulse:0.8,start=10,width=5 -T 100 --compare beta=0.5,0.95\n"
      "  snn-neuron --compare leaky,synaptic,adlif --current step:0.3 --svg kinds.svg\n"
      "  snn-neuron --neuron hodgkin-huxley --current ramp:20 --svg axon.svg\n"
      "\n"
      "Exit status: 0 done, 1 internal error or full disk, 2 wrong options, 3 the\n"
      "recorded current is missing or damaged, 4 a value became infinite.\n";
  return program;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The firing rate per step or, for the axon, per second: the reciprocal of the mean interval.
std::optional<double> rate(const Experiment& experiment) {
  const std::vector<double> times = intervals(experiment.trace);
  if (times.empty()) return std::nullopt;
  return (experiment.neuron ? 1 : 1000) / mean(times);
}

// Four significant digits, or all digits before the decimal point.
std::string shown(const std::optional<double>& value) {
  if (!value) return "-";
  return std::abs(*value) < 1e4 ? fmt::format("{:.4g}", *value) : fmt::format("{:.0f}", *value);
}

bool hands_on_spikes(const Experiment& experiment) {
  return !experiment.neuron || has_spikes(*experiment.neuron);
}

void print_one(const Experiment& experiment) {
  const bool is_in_steps = experiment.neuron.has_value();
  const std::string unit = is_in_steps ? "" : " ms";
  const Trace& trace = experiment.trace;
  const auto columns = static_cast<std::size_t>(columns_of(STDOUT_FILENO));
  constexpr std::string_view kNeuron = "neuron     ";
  std::cout << kNeuron << wrapped(description(experiment), kNeuron.size(), columns) << '\n';
  std::cout << fmt::format("current    {}\n", to_string(experiment.current));
  if (!hands_on_spikes(experiment)) {
    std::cout << fmt::format("output     a real number, no spikes, in {} steps\n",
                             shown(trace.duration));
    return;
  }
  std::cout << fmt::format("spikes     {} in {}{}", trace.spikes.size(), shown(trace.duration),
                           is_in_steps ? " steps" : unit);
  if (!trace.spikes.empty()) {
    std::cout << fmt::format(", the first at {}{}", shown(trace.spikes[0]), unit);
  }
  const std::vector<double> times = intervals(trace);
  if (times.empty()) {
    std::cout << '\n';
    return;
  }
  std::cout << fmt::format("\nrate       {} {}\n", shown(rate(experiment)),
                           is_in_steps ? "per step" : "Hz");
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
  const bool is_in_steps = experiments[0].neuron.has_value();
  // A longer name gets its own line.
  constexpr std::size_t kLongest = 16;
  std::size_t width = 6;
  for (const Experiment& experiment : experiments) {
    if (experiment.name.size() <= kLongest) width = std::max(width, experiment.name.size());
  }
  std::cout << fmt::format("{:<{}}  spikes    first  {:>11}  interval: mean    min    max\n",
                           "neuron", width, is_in_steps ? "rate/step" : "rate (Hz)");
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

// "synaptic_current"
std::string column_name(std::string state) {
  std::ranges::replace(state, ' ', '_');
  return state;
}

// Every sample: time, current, the states and, last of them, the membrane.
Json trace_json(const Trace& trace) {
  Json json = {{"time", trace.times}, {"current", trace.current}};
  for (const auto& [name, values] : trace.others) json[column_name(name)] = values;
  json["membrane"] = trace.membrane;
  return json;
}

void print_json(const std::vector<Experiment>& experiments, const CommandLine& line) {
  const bool is_in_steps = experiments[0].neuron.has_value();
  Json list = Json::array();
  for (const Experiment& experiment : experiments) {
    const auto by_interval = rate(experiment);
    list.push_back({{"name", experiment.name},
                    {"neuron", description(experiment)},
                    {"current", to_string(experiment.current)},
                    {"duration", experiment.trace.duration},
                    {"spikes", experiment.trace.spikes},
                    {"intervals", intervals(experiment.trace)},
                    {"rate", by_interval ? Json(*by_interval) : Json(nullptr)},
                    {"trace", trace_json(experiment.trace)}});
  }
  Json json = {{"time_unit", is_in_steps ? "step" : "ms"},
               {"rate_unit", is_in_steps ? "1/step" : "Hz"},
               {"neurons", list}};
  for (const char* file : {"svg", "csv"}) {
    if (line.has(file)) json[file] = line.get(file);
  }
  std::cout << dump_json(json, 2) << '\n';
}

// The names of the states of all neurons but the membrane.
std::vector<std::string> other_states(const std::vector<Experiment>& experiments) {
  std::vector<std::string> names;
  for (const Experiment& experiment : experiments) {
    for (const auto& other : experiment.trace.others) {
      if (std::ranges::find(names, other.first) == names.end()) names.push_back(other.first);
    }
  }
  return names;
}

// One row per sample, in single precision, that of neurons in time steps. `spike` is 1 at the first
// sample that is not before a spike. What a neuron does not have is empty.
std::string to_csv(const std::vector<Experiment>& experiments) {
  const bool is_one = experiments.size() == 1;
  const std::vector<std::string> others = other_states(experiments);
  std::vector<std::string> cells = {"time", "current"};
  if (!is_one) cells.insert(cells.begin(), "neuron");
  for (const std::string& name : others) cells.push_back(column_name(name));
  cells.insert(cells.end(), {"membrane", "spike"});
  std::string text = csv_line(cells);
  const auto single = [](double value) { return format_single(static_cast<float>(value)); };
  for (const Experiment& experiment : experiments) {
    const Trace& trace = experiment.trace;
    std::size_t spike = 0;
    for (std::size_t i = 0; i < trace.times.size(); ++i) {
      const bool is_spike = spike < trace.spikes.size() && trace.spikes[spike] <= trace.times[i];
      if (is_spike) ++spike;
      cells = {fmt::format("{:.10g}", trace.times[i]), single(trace.current[i])};
      // A name such as pulse:1,width=2 contains commas.
      if (!is_one) cells.insert(cells.begin(), experiment.name);
      for (const std::string& name : others) {
        const auto known =
            std::ranges::find(trace.others, name, [](auto& each) { return each.first; });
        cells.push_back(known == trace.others.end() ? "" : single(known->second[i]));
      }
      cells.push_back(single(trace.membrane[i]));
      cells.emplace_back(is_spike ? "1" : "0");
      text += csv_line(cells);
    }
  }
  return text;
}

std::string kind_name(const Experiment& experiment) {
  return std::string(experiment.neuron ? name_of(kind_of(*experiment.neuron)) : kHodgkinHuxley);
}

std::string to_svg(const std::vector<Experiment>& experiments) {
  const bool is_in_steps = experiments[0].neuron.has_value();
  const report::NeuronUnits units =
      is_in_steps ? report::NeuronUnits{"time (steps)", "current", "membrane"}
                  : report::NeuronUnits{"time (ms)", "current (µA/cm²)", "membrane (mV)"};
  std::vector<report::TracedNeuron> neurons;
  for (const Experiment& experiment : experiments) {
    report::TracedNeuron& neuron = neurons.emplace_back();
    neuron.name = experiment.name;
    neuron.trace = experiment.trace;
    neuron.rest = is_in_steps ? 0 : experiment.trace.membrane[0];
    neuron.threshold = threshold_of(experiment);
    neuron.has_spikes = hands_on_spikes(experiment);
    neuron.kind = kind_name(experiment);
  }
  // Kinds that differ are named at their membranes.
  const bool is_one_kind = std::ranges::all_of(experiments, [&](const Experiment& experiment) {
    return kind_name(experiment) == kind_name(experiments[0]);
  });
  std::string title = description(experiments[0]);
  if (experiments.size() > 1) title = is_one_kind ? kind_name(experiments[0]) : "";
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

  for (Experiment& experiment : experiments) simulate(experiment);
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
