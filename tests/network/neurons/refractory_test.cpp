// The refractory period of every kind that has one.

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "snn/network/neurons.h"
#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

// A spike at step 1 stops currents and spikes of steps 2 and 3, in which the membrane is held at
// 1.52 - 1, then 0.9 0.52 + 2.5, and after that spike 2.968 - 1 is held. That is above the
// threshold, but it is not reset again: 0.9 1.968 + 0.1 spikes.
TEST(Refractory, HoldsTheMembraneAfterItsDelayedReset) {
  expect_trace(
      trace_of(Leaky(LeakyOptions(0.9).refractory(2)), {.8, .8, .8, 7, 2.5, .1, .1, .1, 0}),
      {.8, 1.52, .52, .52, 2.968, 1.968, 1.968, 1.8712, .8712}, {0, 1, 0, 0, 1, 0, 0, 1, 0});
}

// The reset is in the spike's own step: 1.52 - 1 is held. The reset to zero spares the current only
// of neurons that are awake.
TEST(Refractory, HoldsTheMembraneAfterItsImmediateResetAndAtZero) {
  expect_trace(trace_of(Leaky(LeakyOptions(0.9).refractory(1).reset_delay(false)), {.8, .8, 5, .1}),
               {.8, .52, .52, .568}, {0, 1, 0, 0});
  expect_trace(
      trace_of(Leaky(LeakyOptions(0.9).refractory(1).reset(Reset::kZero)), {.8, .8, 5, .1}),
      {.8, 1.52, 0, .1}, {0, 1, 0, 0});
}

// The synaptic current integrates while the membrane is held: s = 1.2, 1.1, 1.05, 0.525; V = 1.2,
// then 1.2 - 1 twice, 0.9 0.2 + 0.525.
TEST(Refractory, LetsTheSynapticCurrentGoOn) {
  expect_trace(trace_of(Synaptic(SynapticOptions(0.5, 0.9).refractory(2)), {1.2, .5, .5, 0}),
               {1.2, .2, .2, .705}, {1, 0, 0, 0});
}

// The shortest interval between spikes is one step longer than the period, whatever the current.
template <class Options>
void expect_intervals(const Options& options) {
  for (const std::int64_t rest : {0, 1, 4}) {
    Options own = options;
    own.refractory(rest);
    const Trace trace = trace_of(make_neuron(own, Shape{1}, Seeds{}), std::vector<double>(40, 1e3));
    std::vector<std::int64_t> times;
    for (std::int64_t t = 0; t < 40; ++t) {
      if (trace.spikes[t].item<double>() != 0) times.push_back(t);
    }
    ASSERT_GT(times.size(), 5u) << Options::kName;
    for (std::size_t i = 1; i < times.size(); ++i) {
      EXPECT_GE(times[i] - times[i - 1], rest + 1) << Options::kName << rest;
      if (rest > 0 && options.reset() == Reset::kSubtract) {
        EXPECT_EQ(times[i] - times[i - 1], rest + 1) << Options::kName << rest;
      }
    }
  }
}

TEST(Refractory, KeepsTheSpikesOfEveryKindApart) {
  expect_intervals(LeakyOptions());
  expect_intervals(LeakyOptions().reset(Reset::kSubtractBeta));
  expect_intervals(LapicqueOptions());
  expect_intervals(SynapticOptions());
  expect_intervals(RleakyOptions());
  expect_intervals(RsynapticOptions());
  expect_intervals(PlifOptions());
  expect_intervals(AdlifOptions().adaptation_scale(0.0));
}

// A resting neuron passes on the gradient of its held membrane, none of its current, and what
// weighs on its spikes, which cannot be, is without effect.
TEST(Refractory, PassesGradientsThroughTheRest) {
  Leaky leaky(LeakyOptions(0.9).refractory(2));
  const Tensor input = torch::tensor({1.5F, 3.F, 3.F, .2F}).reshape({4, 1, 1}).requires_grad_();
  const auto result =
      leaky->sequence(Sequence::varying(input), leaky->initial_state({1, 1}, torch::kFloat), true);
  (result.membrane[3].sum() + 5 * result.spikes.slice(0, 1, 3).sum()).backward();
  EXPECT_TRUE(torch::allclose(input.grad().flatten(), torch::tensor({.9F, 0.F, 0.F, 1.F})))
      << input.grad();
}

TEST(Refractory, LeavesThePrizeOfInhibitionToThoseAwake) {
  Leaky leaky(LeakyOptions(0.9).refractory(3).inhibition(true));
  State state = leaky->initial_state({1, 2}, torch::kFloat);
  const Tensor current = torch::tensor({{9.F, 5.F}});
  StepResult result = leaky->step(current, state);
  EXPECT_TRUE(torch::equal(result.spikes, torch::tensor({{1.F, 0.F}})));
  result = leaky->step(current, result.state);
  EXPECT_TRUE(torch::equal(result.spikes, torch::tensor({{0.F, 1.F}})));
}

}  // namespace
}  // namespace snn
