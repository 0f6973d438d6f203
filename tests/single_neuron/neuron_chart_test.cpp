#include "single_neuron/neuron_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "report/thinned.h"

namespace snn::report {
namespace {

using testing::HasSubstr;
using testing::Not;

// The trace of a leaky neuron under a constant current, which subtracts the threshold of 1 after a
// spike.
TracedNeuron neuron(const std::string& name, double beta, double amplitude) {
  Trace trace;
  trace.duration = 40;
  double membrane = 0;
  for (int t = 0; t < 40; ++t) {
    membrane = beta * membrane + amplitude - (membrane > 1 ? 1 : 0);
    trace.times.push_back(t);
    trace.current.push_back(amplitude);
    trace.membrane.push_back(membrane);
    if (membrane > 1) trace.spikes.push_back(t);
  }
  return {name, trace, 1.0};
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

const NeuronUnits kUnits = {"time (steps)", "current", "membrane (mV)"};

TEST(DrawNeurons, ShowsCurrentMembraneThresholdAndSpikes) {
  const Drawing drawing = draw_neurons("leaky", {neuron("", 0.95, 0.2)}, kUnits, 500);
  for (const char* text : {">leaky<", ">current<", ">membrane (mV)<", ">threshold<", ">spikes<",
                           ">time (steps)<", "class=\"spike ticks\""}) {
    EXPECT_THAT(drawing.body, HasSubstr(text));
  }
  EXPECT_EQ(drawing.width, 500);
  EXPECT_THAT(draw_neurons("", {neuron("", 0.95, 0.01)}, kUnits, 500).body,
              HasSubstr(">no spikes<"));
}

TEST(DrawNeurons, DrawsACurrentThatAllHaveOnce) {
  const auto same = draw_neurons("", {neuron("a", 0.5, 0.8), neuron("b", 0.9, 0.8)}, kUnits, 500);
  EXPECT_EQ(count(same.body, ">current<"), 1);
  EXPECT_EQ(count(same.body, "class=\"s0 line\""), 2) << "the current, and the first membrane";
  EXPECT_EQ(count(same.body, ">membrane (mV)<"), 2);
  const auto other = draw_neurons("", {neuron("a", 0.9, 0.8), neuron("b", 0.9, 0.4)}, kUnits, 500);
  EXPECT_EQ(count(other.body, "class=\"s1 line\""), 2);
  EXPECT_EQ(count(other.body, ">b<"), 3) << "the current's label and its tooltip, and the heading";
}

TEST(DrawNeurons, DrawsOtherStatesBelowTheMembrane) {
  TracedNeuron one = neuron("", 0.9, 0.8);
  one.trace.others = {{"synaptic current", one.trace.current}};
  std::string body = draw_neurons("", {one}, kUnits, 500).body;
  EXPECT_EQ(count(body, ">synaptic current<"), 1) << "the label of its axis";
  one.trace.others.emplace_back("cell", one.trace.membrane);
  body = draw_neurons("", {one}, kUnits, 500).body;
  EXPECT_EQ(count(body, ">states<"), 1);
  EXPECT_GE(count(body, ">cell<"), 1);
  EXPECT_EQ(count(body, ">spikes<"), 1);
  one.has_spikes = false;
  EXPECT_EQ(count(draw_neurons("", {one}, kUnits, 500).body, ">spikes<"), 0);
}

TEST(DrawNeurons, EqualisesTheAxesOfOneKindOnly) {
  TracedNeuron low = neuron("a", 0.5, 0.8), high = neuron("b", 0.5, 60);
  const auto ticks_of_100 = [&] {
    return count(draw_neurons("", {low, high}, kUnits, 500).body, ">100<");
  };
  EXPECT_EQ(ticks_of_100(), 2);
  low.kind = "other";
  EXPECT_EQ(ticks_of_100(), 1);
}

TEST(DrawNeurons, ShowsTheZeroBesideANegativeCurrent) {
  const std::string body = draw_neurons("", {neuron("", 0.5, -5)}, kUnits, 500).body;
  EXPECT_EQ(count(body, ">0<"), 3) << "on the axes of current, membrane and time";
}

TEST(Thinned, KeepsEveryPeak) {
  std::vector<double> times, values;
  for (int i = 0; i < 100'000; ++i) {
    times.push_back(i);
    values.push_back(i % 10'000 == 1'234 ? 100 + i / 10'000 : std::sin(i));
  }
  const auto points = thinned(times, values);
  EXPECT_LT(points.size(), 2'000u);
  int peaks = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].y >= 100) ++peaks;
    EXPECT_TRUE(i == 0 || points[i].x > points[i - 1].x) << i;
  }
  EXPECT_EQ(peaks, 10);
  EXPECT_EQ(thinned({1, 2}, {3, 4}).size(), 2u);
}

}  // namespace
}  // namespace snn::report
