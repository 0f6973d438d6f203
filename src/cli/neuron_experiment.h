#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "single_neuron/trace.h"
#include "single_neuron/waveform.h"
#include "snn/train/config.h"

namespace snn::cli {

inline constexpr const char* kHodgkinHuxley = "hodgkin-huxley";

/// One neuron of snn-neuron and its input.
struct Experiment {
  std::string name;  ///< distinguishes it in a comparison
  /// Neurons as in networks, in time steps; none: the axon of Hodgkin and Huxley, in ms.
  std::optional<NeuronSpec> neuron;
  Waveform current;
  Config config;  ///< steps and seed
  double duration = 100, dt = 0.01;
  Trace trace;
};

/// The options of snn-train that snn-neuron takes, with one value each.
const std::vector<Option>& neuron_program_options();

/// The names of all neurons that it runs.
std::vector<std::string> experiment_kinds();

/// The experiments of a command line: one, or those of --compare, all in one unit of time. Adds to
/// `problems`.
std::vector<Experiment> read_experiments(const CommandLine& line,
                                         std::vector<std::string>& problems);

/// Simulates it.
void simulate(Experiment& experiment);

/// "leaky, beta 0.95, threshold 1, reset subtract": the kind and what shapes its state.
std::string description(const Experiment& experiment);

/// The threshold of the membrane of neurons that have one.
std::optional<double> threshold_of(const Experiment& experiment);

}  // namespace snn::cli
