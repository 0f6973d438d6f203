#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/chart.h"
#include "single_neuron/trace.h"

namespace snn::report {

/// A neuron as it is drawn.
struct TracedNeuron {
  std::string name;
  Trace trace;
  std::optional<double> threshold;
  double rest = 0;  ///< of the membrane, which its axis holds
};

/// What its axes measure, with units.
struct NeuronUnits {
  std::string time, current, membrane;
};

/// The current that the neurons are given, and below it the membrane of each, with its threshold,
/// and its spikes; membranes on equal axes.
Drawing draw_neurons(const std::string& title, const std::vector<TracedNeuron>& neurons,
                     const NeuronUnits& units, double width);

}  // namespace snn::report
