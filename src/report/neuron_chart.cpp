#include "report/neuron_chart.h"

#include <algorithm>

#include "report/scale.h"

namespace snn::report {
namespace {

constexpr double kCurrentHeight = 60, kMembraneHeight = 130, kSpikesHeight = 16;

// The current holds until its next sample, the last one to the end.
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
  // A current that never changes is seen better with the zero beside it.
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

Panel spikes_panel(const TracedNeuron& neuron) {
  Panel panel;
  panel.y.label = "spikes";
  panel.height = kSpikesHeight;
  panel.raster.times = {neuron.trace.spikes};
  return panel;
}

// Gives all membranes the axis that holds every one of them, and rest.
void equalise(std::vector<Panel>& panels, double rest) {
  double low = rest, high = rest;
  for (const Panel& panel : panels) {
    for (const Point& point : panel.series[0].points) {
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
    for (const Limit& limit : panel.limits) {
      low = std::min(low, limit.y);
      high = std::max(high, limit.y);
    }
  }
  // Twice, for the wider axis may have other ticks.
  constexpr int kTicks = 3;
  Ends ends = rounded_outward(low, high, kTicks);
  ends = rounded_outward(ends.low, ends.high, kTicks);
  for (Panel& panel : panels) {
    panel.y.low = ends.low;
    panel.y.high = ends.high;
  }
}

}  // namespace

std::vector<Point> thinned(const std::vector<double>& times, const std::vector<double>& values) {
  constexpr std::size_t kPlaces = 800;
  const std::size_t stride = values.size() / kPlaces;
  std::vector<Point> points;
  if (stride < 3) {
    for (std::size_t i = 0; i < values.size(); ++i) points.push_back({times[i], values[i]});
    return points;
  }
  for (std::size_t first = 0; first < values.size(); first += stride) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(stride, values.size() - first));
    auto [one, other] = std::minmax_element(begin, end);
    if (other < one) std::swap(one, other);
    for (const auto at : {one, other}) {
      points.push_back({times[static_cast<std::size_t>(at - values.begin())], *at});
      if (one == other) break;
    }
  }
  return points;
}

Drawing draw_neurons(const std::string& title, const std::vector<TracedNeuron>& neurons,
                     const NeuronUnits& units, double width) {
  std::vector<Panel> membranes;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    membranes.push_back(membrane_panel(neurons[i], units, static_cast<int>(i)));
  }
  equalise(membranes, neurons[0].rest);
  Chart chart{title, {units.time, 0.0, neurons[0].trace.duration}, {}, width};
  chart.panels.push_back(current_panel(neurons, units));
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    chart.panels.push_back(std::move(membranes[i]));
    chart.panels.push_back(spikes_panel(neurons[i]));
  }
  return draw(chart);
}

}  // namespace snn::report
