#include "single_neuron/neuron_chart.h"

#include <algorithm>
#include <map>

#include "report/scale.h"
#include "report/thinned.h"

namespace snn::report {
namespace {

constexpr double kCurrentHeight = 60, kMembraneHeight = 130, kStatesHeight = 60, kSpikesHeight = 16;

// Each current lasts until the next sample, the last one to the end.
Series current_of(const TracedNeuron& neuron) {
  const Trace& trace = neuron.trace;
  Series series;
  series.style = Style::kStep;
  series.points = thinned(trace.times, trace.current);
  const auto repeated =
      std::unique(series.points.begin(), series.points.end(),
                  [](const Point& one, const Point& next) { return one.y == next.y; });
  series.points.erase(repeated, series.points.end());
  series.points.push_back({trace.duration, trace.current.back()});
  return series;
}

Panel current_panel(const std::vector<TracedNeuron>& neurons, const NeuronUnits& units) {
  Panel panel;
  panel.y.label = units.current;
  panel.height = kCurrentHeight;
  const bool is_same = std::ranges::all_of(neurons, [&](const TracedNeuron& neuron) {
    return neuron.trace.current == neurons[0].trace.current;
  });
  for (const TracedNeuron& neuron : neurons) {
    Series& series = panel.series.emplace_back(current_of(neuron));
    series.color = static_cast<int>(panel.series.size()) - 1;
    if (is_same) break;
    series.name = neuron.name;
  }
  // A constant current is easier to read with zero on the axis.
  double low = 0, high = panel.series[0].points[0].y;
  for (const Series& series : panel.series) {
    for (const Point& point : series.points) {
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
  panel.y.low = low;
  if (high < 0) panel.y.high = 0;
  return panel;
}

Panel membrane_panel(const TracedNeuron& neuron, const NeuronUnits& units, int color) {
  Panel panel;
  panel.title = neuron.name;
  panel.y.label = units.membrane;
  panel.height = kMembraneHeight;
  Series& series = panel.series.emplace_back();
  series.color = color;
  series.points = thinned(neuron.trace.times, neuron.trace.membrane);
  if (neuron.threshold) panel.limits.push_back({"threshold", *neuron.threshold});
  return panel;
}

// The states besides the membrane, in colours after the neuron's own.
Panel states_panel(const TracedNeuron& neuron, int color) {
  const auto& others = neuron.trace.others;
  Panel panel;
  panel.y.label = others.size() == 1 ? others[0].first : "states";
  panel.height = kStatesHeight;
  for (const auto& [name, values] : others) {
    Series& series = panel.series.emplace_back();
    series.color = color++;
    if (others.size() > 1) series.name = name;
    series.points = thinned(neuron.trace.times, values);
  }
  return panel;
}

Panel spikes_panel(const TracedNeuron& neuron) {
  Panel panel;
  panel.y.label = "spikes";
  panel.height = kSpikesHeight;
  panel.raster.times = {neuron.trace.spikes};
  return panel;
}

// Gives membrane panels a common axis that includes all potentials and the resting potential.
void equalise(const std::vector<Panel*>& panels, double rest) {
  double low = rest, high = rest;
  for (const Panel* panel : panels) {
    for (const Point& point : panel->series[0].points) {
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
    for (const Limit& limit : panel->limits) {
      low = std::min(low, limit.y);
      high = std::max(high, limit.y);
    }
  }
  // A second pass is needed, since the wider axis may have other ticks.
  constexpr int kTicks = 3;
  Ends ends = rounded_outward(low, high, kTicks);
  ends = rounded_outward(ends.low, ends.high, kTicks);
  for (Panel* panel : panels) {
    panel->y.low = ends.low;
    panel->y.high = ends.high;
  }
}

}  // namespace

Drawing draw_neurons(const std::string& title, const std::vector<TracedNeuron>& neurons,
                     const NeuronUnits& units, double width) {
  std::vector<Panel> membranes;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    membranes.push_back(membrane_panel(neurons[i], units, static_cast<int>(i)));
  }
  std::map<std::string, std::vector<Panel*>> by_kind;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    by_kind[neurons[i].kind].push_back(&membranes[i]);
  }
  for (const auto& [kind, panels] : by_kind) equalise(panels, neurons[0].rest);
  Chart chart{title, {units.time, 0.0, neurons[0].trace.duration}, {}, width};
  chart.panels.push_back(current_panel(neurons, units));
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    chart.panels.push_back(std::move(membranes[i]));
    if (!neurons[i].trace.others.empty()) {
      chart.panels.push_back(states_panel(neurons[i], static_cast<int>(i)));
    }
    if (neurons[i].has_spikes) chart.panels.push_back(spikes_panel(neurons[i]));
  }
  return draw(chart);
}

}  // namespace snn::report
