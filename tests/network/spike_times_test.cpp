#include "snn/network/spike_times.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace snn {
namespace {

using torch::Tensor;

// One sample of three neurons over five steps: spikes at 1, 2 and 4; at 3; none.
Tensor spikes() {
  Tensor values = torch::zeros({5, 1, 3}, torch::kDouble);
  for (const std::int64_t t : {1, 2, 4}) values[t][0][0] = 1;
  values[3][0][1] = 2.5;  // a graded spike is a spike
  return values;
}

Tensor doubles(const std::vector<double>& values) { return torch::tensor(values, torch::kDouble); }

TEST(SpikeTimes, AreThoseOfTheFirstSpikesOfEachNeuron) {
  const Tensor expected = doubles({1, 3, 4, 2, 4, 4, 4, 4, 4}).view({3, 1, 3});
  EXPECT_TRUE(torch::equal(spike_times(spikes(), 3), expected));
}

TEST(SpikeTimes, ASpikeHasTheNegativeGradientOfItsTime) {
  const Tensor variable = spikes().requires_grad_();
  // Spike i of neuron n has the gradient 10 n + i + 1.
  (spike_times(variable, 2) * doubles({1, 11, 21, 2, 12, 22}).view({2, 1, 3})).sum().backward();
  Tensor expected = torch::zeros({5, 1, 3}, torch::kDouble);
  expected[1][0][0] = -1;
  expected[2][0][0] = -2;
  expected[3][0][1] = -11;
  expected[4][0][1] = -12;       // the second, which is missing
  expected[4][0][2] = -21 - 22;  // both are missing
  EXPECT_TRUE(torch::equal(variable.grad(), expected));
}

TEST(MseSpikeTimes, IsTheMeanSquareOfTheErrorsInUnitsOfTheSteps) {
  const Tensor times = doubles({1, 3, 4}).view({1, 3});
  const Tensor targets = doubles({0, 3.5, -3}).view({1, 3});  // the last one is step 2
  EXPECT_NEAR(mse_spike_times(times, targets, 5).item<double>(), (1 + 0.25 + 4) / 25 / 3, 1e-12);
  EXPECT_NEAR(mse_spike_times(times, targets, 5, /*tolerance=*/1).item<double>(),
              (1 + 0 + 4.0) / 25 / 3, 1e-12);
}

TEST(MseSpikeTimes, RefusesTargetsOfAnotherShape) {
  EXPECT_THROW(mse_spike_times(torch::zeros({2, 3}), torch::zeros({3}), 5), c10::Error);
}

}  // namespace
}  // namespace snn
