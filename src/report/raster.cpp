#include "report/raster.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/thinned.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn::report {
namespace {

constexpr std::size_t kTraces = 5;
constexpr std::int64_t kMostRows = 600;
constexpr double kImageSize = 120, kTraceHeight = 90, kRateHeight = 40, kGap = 16;

// The values of a neuron over time.
std::vector<double> of_neuron(const std::vector<float>& values, std::int64_t neurons,
                              std::int64_t neuron) {
  std::vector<double> over_time;
  for (auto i = static_cast<std::size_t>(neuron); i < values.size();
       i += static_cast<std::size_t>(neurons)) {
    over_time.push_back(values[i]);
  }
  return over_time;
}

// The times at which a neuron spikes.
std::vector<double> spike_times(const LayerActivity& activity, std::int64_t neuron) {
  const std::vector<double> spikes = of_neuron(activity.spikes, activity.neurons, neuron);
  std::vector<double> times;
  for (std::size_t t = 0; t < spikes.size(); ++t) {
    if (spikes[t] != 0) times.push_back(static_cast<double>(t));
  }
  return times;
}

// The number of spikes of a neuron.
struct Activity {
  std::int64_t neuron;
  std::int64_t spikes;
};

// All neurons by descending number of spikes, then by index.
std::vector<Activity> by_activity(const LayerActivity& activity) {
  std::vector<Activity> order;
  for (std::int64_t i = 0; i < activity.neurons; ++i) {
    order.push_back({i, static_cast<std::int64_t>(spike_times(activity, i).size())});
  }
  std::ranges::stable_sort(order, std::greater(), &Activity::spikes);
  return order;
}

// Neurons with drawn traces, and their names.
struct Traced {
  std::vector<std::int64_t> neurons;
  std::string which;
};

// Neurons that spike always or never are not informative.
Traced traced_of_hidden(const LayerActivity& activity) {
  const std::vector<Activity> all = by_activity(activity);
  const auto steps = static_cast<std::int64_t>(activity.spikes.size()) / activity.neurons;
  std::vector<Activity> some = all;
  std::erase_if(some, [&](const Activity& a) { return a.spikes == 0 || a.spikes == steps; });
  Traced traced;
  if (some.empty()) {
    for (const Activity& a : all) traced.neurons.push_back(a.neuron);
    traced.neurons.resize(std::min(all.size(), kTraces));
    traced.which = "of the most active";
  } else {
    const std::size_t count = std::min(some.size(), kTraces);
    for (std::size_t i = 0; i < count; ++i) {
      // Each has a spike count as close as possible to an even share of the steps: 9 of 10, 7, 5,
      // 3, 1.
      const auto from_target = [&](const Activity& a) {
        const auto part = static_cast<double>(2 * (count - i) - 1) / static_cast<double>(2 * count);
        return std::abs(static_cast<double>(a.spikes) - part * static_cast<double>(steps));
      };
      const auto nearest = std::ranges::min_element(some, {}, from_target);
      traced.neurons.push_back(nearest->neuron);
      some.erase(nearest);
    }
    traced.which = "of " + std::to_string(count) + " that spike at times";
  }
  std::ranges::sort(traced.neurons);
  return traced;
}

Traced traced_of_output(const LayerActivity& activity, std::int64_t label) {
  Traced traced{{label}, "of the label and the most active"};
  for (const auto& [neuron, spikes] : by_activity(activity)) {
    const bool has_room = traced.neurons.size() < kTraces;
    if (has_room && spikes > 0 && neuron != label) traced.neurons.push_back(neuron);
  }
  std::ranges::sort(traced.neurons);
  return traced;
}

Panel trace_panel(const ShownLayer& layer, const std::vector<float>& values,
                  const std::vector<std::int64_t>& neurons, const std::int64_t* label) {
  // The colour of the label's class is reserved for it.
  constexpr int kLabelColor = 1;
  const int colors[] = {0, 2, 3, 4, 5};
  Panel panel;
  panel.height = kTraceHeight;
  std::size_t next = 0;
  for (const std::int64_t neuron : neurons) {
    const auto number = static_cast<std::size_t>(neuron);
    const bool is_label = label != nullptr && neuron == *label;
    Series& series = panel.series.emplace_back();
    series.name = layer.neuron_names.empty() ? std::to_string(neuron) : layer.neuron_names[number];
    series.color = is_label ? kLabelColor : colors[next++];
    const std::vector<double> trace = of_neuron(values, layer.activity.neurons, neuron);
    std::vector<double> times(trace.size());
    std::iota(times.begin(), times.end(), 0.0);
    series.points = thinned(times, trace);
  }
  return panel;
}

// The threshold is drawn if all of these neurons share it.
void add_threshold(Panel& panel, const ShownLayer& layer,
                   const std::vector<std::int64_t>& neurons) {
  const auto& thresholds = layer.thresholds;
  if (thresholds.empty()) return;
  const auto of = [&](std::int64_t neuron) {
    return thresholds.size() == 1 ? thresholds[0] : thresholds[static_cast<std::size_t>(neuron)];
  };
  const float first = of(neurons[0]);
  const bool is_same =
      std::ranges::all_of(neurons, [&](std::int64_t neuron) { return of(neuron) == first; });
  if (is_same) panel.limits.push_back({"threshold", first});
}

// The height for that many rows.
double raster_height(std::size_t rows) {
  constexpr std::size_t kFew = 10;
  constexpr double kLabelledRow = 15;  // high enough for its number
  constexpr double kLow = 150, kHigh = 300;
  const auto count = static_cast<double>(rows);
  return rows <= kFew ? kLabelledRow * count : std::clamp(2 * count, kLow, std::max(kHigh, count));
}

// "of all neurons", "of every 3rd neuron".
std::string which_neurons(std::int64_t stride) {
  if (stride == 1) return "of all neurons";
  const bool is_teen = stride % 100 / 10 == 1;
  const std::string_view ending = is_teen            ? "th"
                                  : stride % 10 == 1 ? "st"
                                  : stride % 10 == 2 ? "nd"
                                  : stride % 10 == 3 ? "rd"
                                                     : "th";
  return "of every " + format_count(stride) + std::string(ending) + " neuron";
}

Panel raster_panel(const ShownLayer& layer, const std::int64_t* label, double width) {
  const std::int64_t neurons = layer.activity.neurons;
  const std::int64_t stride = (neurons + kMostRows - 1) / kMostRows;
  const auto steps =
      static_cast<double>(layer.activity.spikes.size()) / static_cast<double>(neurons);
  Panel panel;
  std::int64_t spikes = 0;
  for (std::int64_t neuron = 0; neuron < neurons; neuron += stride) {
    panel.raster.times.push_back(spike_times(layer.activity, neuron));
    spikes += static_cast<std::int64_t>(panel.raster.times.back().size());
  }
  panel.raster.stride = static_cast<int>(stride);
  // Leaves a gap to the marks of adjacent steps.
  panel.raster.mark_width = std::clamp(width / steps / 4, 0.8, 8.0);
  if (label != nullptr && *label % stride == 0) {
    panel.raster.highlighted = {static_cast<int>(*label / stride)};
  }
  panel.height = raster_height(panel.raster.times.size());
  panel.y.label = "spikes " + which_neurons(stride) + ": " + format_count(spikes);
  return panel;
}

// The share of all neurons that spike in each step.
Panel rate_panel(const LayerActivity& activity) {
  Panel panel;
  panel.height = kRateHeight;
  panel.y.label = "neurons that spike (%)";
  panel.y.low = 0;
  Series& series = panel.series.emplace_back();
  const auto neurons = static_cast<std::size_t>(activity.neurons);
  for (std::size_t first = 0; first < activity.spikes.size(); first += neurons) {
    const auto begin = activity.spikes.begin() + static_cast<std::ptrdiff_t>(first);
    const auto spiking = neurons - static_cast<std::size_t>(std::count(
                                       begin, begin + static_cast<std::ptrdiff_t>(neurons), 0.0F));
    const std::size_t step = first / neurons;
    series.points.push_back({static_cast<double>(step),
                             100 * static_cast<double>(spiking) / static_cast<double>(neurons)});
  }
  return panel;
}

void add_layer(Chart& chart, const ShownLayer& layer, const std::int64_t* label) {
  const auto [neurons, which] = label == nullptr ? traced_of_hidden(layer.activity)
                                                 : traced_of_output(layer.activity, *label);
  Panel current = trace_panel(layer, layer.activity.current, neurons, label);
  current.title = layer.name + ", " + format_count(layer.activity.neurons) + " neurons";
  current.y.label = "current " + which;
  Panel membrane = trace_panel(layer, layer.activity.membrane, neurons, label);
  membrane.y.label = "membrane " + which;
  add_threshold(membrane, layer, neurons);
  chart.panels.push_back(std::move(current));
  chart.panels.push_back(std::move(membrane));
  chart.panels.push_back(raster_panel(layer, label, chart.width));
  chart.panels.push_back(rate_panel(layer.activity));
}

Drawing draw_answer(const ShownAnswer& answer, double width) {
  BarChart chart;
  chart.title = "output spikes by class (orange: the label)";
  chart.width = width;
  for (std::size_t i = 0; i < answer.counts.size(); ++i) {
    chart.bars.push_back({answer.class_names[i], answer.counts[i], format_real(answer.counts[i]),
                          static_cast<std::int64_t>(i) == answer.label});
  }
  return draw(chart);
}

}  // namespace

Drawing draw_activity(const ShownAnswer& answer, const std::vector<ShownLayer>& layers,
                      double width) {
  Drawing image = draw(answer.title, std::span(&answer.image, 1), kImageSize, kImageSize);
  constexpr double kBold = 1.1;  // it is so much wider
  image.width = std::max(kImageSize, kBold * text_width(answer.title)) + kGap;
  const Drawing head = beside(answer.title, {image, draw_answer(answer, width - image.width)});
  const auto steps =
      static_cast<std::int64_t>(layers[0].activity.spikes.size()) / layers[0].activity.neurons;
  Chart chart{"", {"time (steps)", 0.0, static_cast<double>(steps), false, true}, {}, width};
  for (const ShownLayer& layer : layers) {
    add_layer(chart, layer, &layer == &layers.back() ? &answer.label : nullptr);
  }
  return stacked(answer.title, {head, {"", 0, kGap, ""}, draw(chart)});
}

}  // namespace snn::report
