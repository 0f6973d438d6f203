#include "snn/network/neurons/state_leaky.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <string>
#include <vector>

#include "snn/train/learned.h"
#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

namespace F = torch::nn::functional;

// The causal convolution of snnTorch's StateLeaky: a current (T,B,N) with exp(-j / tau), j < taps.
Tensor convolved(const Tensor& current, const Tensor& tau, std::int64_t taps) {
  const std::int64_t neurons = current.size(2);
  const Tensor ago = torch::arange(taps - 1, -1, -1, torch::kDouble).reshape({1, 1, taps});
  const Tensor kernel = torch::exp(-ago / tau.expand({neurons}).reshape({neurons, 1, 1}));
  const Tensor padded = F::pad(current.permute({1, 2, 0}), F::PadFuncOptions({taps - 1, 0}));
  return F::conv1d(padded, kernel, F::Conv1dFuncOptions().groups(neurons)).permute({2, 0, 1});
}

void expect_convolution(const StateLeakyOptions& options, std::int64_t taps) {
  torch::manual_seed(1);
  StateLeaky neuron(options);
  neuron->to(torch::kDouble);
  const Tensor current = torch::randn({12, 2, 3}, torch::kDouble);
  const auto result = neuron->sequence(Sequence::varying(current),
                                       neuron->initial_state({2, 3}, current.options()), true);
  const Tensor expected = convolved(current, neuron->tau, taps);
  EXPECT_TRUE(torch::allclose(result.membrane, expected, 1e-12, 1e-12)) << taps;
  EXPECT_TRUE(torch::equal(result.spikes, expected.gt(neuron->threshold).to(torch::kDouble)));
}

TEST(StateLeaky, IsTheCausalConvolutionWithItsKernel) {
  expect_convolution(StateLeakyOptions(0.9), 12);
  expect_convolution(StateLeakyOptions({0.9, 0.5, 0.0}), 12);
}

TEST(StateLeaky, ForgetsWhatIsOlderThanItsKernel) {
  for (const std::int64_t taps : {1, 2, 5}) {
    expect_convolution(StateLeakyOptions({0.9, 0.5, 0.7}).kernel_truncation_steps(taps), taps);
  }
}

// The decay is exp(-(1 - beta)), not beta.
TEST(StateLeaky, TakesItsTimeConstantFromBeta) {
  StateLeaky neuron(StateLeakyOptions(0.75));
  EXPECT_FLOAT_EQ(neuron->tau.item<float>(), 4);
  expect_trace(trace_of(neuron, {1, 0}), {1, std::exp(-0.25)}, {0, 0});
}

TEST(StateLeaky, AppliesTheGradedSpikesFactorOnce) {
  StateLeaky neuron(StateLeakyOptions(0.5).graded_spikes_factor(3.0));
  const auto result = neuron->step(torch::full({1, 1}, 2.0F), {torch::zeros({1, 1})});
  EXPECT_EQ(result.spikes.item<float>(), 3);
}

TEST(StateLeaky, ShowsTheBetaThatItHasLearned) {
  NetworkSpec spec{{2}, {{LinearSpec{2}, StateLeakyOptions(0.75).learn_beta(true)}}};
  const auto learned = learned_parameters(spec, {{"lif1.tau", {{}, {10.0F}}}});
  ASSERT_EQ(learned.size(), 1u);
  EXPECT_EQ(learned[0].name, "beta");
  EXPECT_NEAR(learned[0].mean, 0.9, 1e-7);
}

}  // namespace
}  // namespace snn
