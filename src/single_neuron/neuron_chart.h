#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/chart.h"
#include "single_neuron/trace.h"

namespace snn::report {

/// The data of a neuron to plot.
struct TracedNeuron {
  std::string name;
  Trace trace;
  std::optional<double> threshold;
  double rest = 0;  ///< resting potential, included in the axis
  bool has_spikes = true;
  std::string kind = {};  ///< membranes of one kind have equal axes
};

/// The quantities and units of the axes.
struct NeuronUnits {
  std::string time, current, membrane;
};

/// Plots the input current, and below it for each neuron its membrane potential with the threshold,
/// its other states and its spikes.
Drawing draw_neurons(const std::string& title, const std::vector<TracedNeuron>& neurons,
                     const NeuronUnits& units, double width);

}  // namespace snn::report
