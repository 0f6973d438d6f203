#include "snn/network/neurons/leaky_parallel.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

#include "snn/network/network_spec.h"

namespace snn {
namespace {

using torch::Tensor;

// PyTorch's RNN with a diagonal recurrence, which is how snnTorch defines it; its input weights are
// the identity here.
TEST(LeakyParallel, IsPyTorchsRectifiedRnn) {
  torch::manual_seed(1);
  LeakyParallel neuron(LeakyParallelOptions({0.9, 0.5, 0.0}).learn_beta(true), 3, Seeds{7});
  torch::nn::RNN rnn(torch::nn::RNNOptions(3, 3).nonlinearity(torch::kReLU));
  auto weights = rnn->named_parameters();
  {
    const torch::NoGradGuard no_grad;
    weights["weight_ih_l0"].copy_(torch::eye(3));
    weights["bias_ih_l0"].zero_();
    weights["weight_hh_l0"].copy_(neuron->beta.diag());
    weights["bias_hh_l0"].copy_(neuron->bias_hh);
  }
  const Tensor current = torch::randn({9, 2, 3}), seen = torch::randn({9, 2, 3});
  const auto result = neuron->sequence(Sequence::varying(current),
                                       neuron->initial_state({2, 3}, current.options()), true);
  const Tensor expected = std::get<0>(rnn->forward(current));
  EXPECT_TRUE(torch::allclose(result.membrane, expected, 1e-5, 1e-6));
  EXPECT_TRUE(torch::equal(result.spikes, expected.gt(1).to(torch::kFloat)));
  EXPECT_GT(result.spikes.sum().item<double>(), 0);
  (result.membrane * seen).sum().backward();
  (expected * seen).sum().backward();
  EXPECT_TRUE(
      torch::allclose(neuron->beta.grad(), weights["weight_hh_l0"].grad().diagonal(), 1e-5));
  EXPECT_TRUE(torch::allclose(neuron->bias_hh.grad(), weights["bias_hh_l0"].grad(), 1e-5));
}

TEST(LeakyParallel, DrawsItsBiasBySeedAndLayer) {
  const auto bias = [](const Seeds& seeds) {
    return LeakyParallel(LeakyParallelOptions(), 100, seeds)->bias_hh;
  };
  EXPECT_TRUE(torch::equal(bias({1, 0, 1}), bias({1, 0, 1})));
  EXPECT_FALSE(torch::equal(bias({1, 0, 1}), bias({1, 1, 1})));
  EXPECT_LE(bias({1}).abs().max().item<double>(), 0.1);
  EXPECT_GT(bias({1}).abs().max().item<double>(), 0.08);
}

TEST(LeakyParallel, CountsItsBias) {
  const auto count = [](const LeakyParallelOptions& options) {
    return parameter_count({{2}, {{LinearSpec{3}, options}}});
  };
  EXPECT_EQ(count(LeakyParallelOptions()), 2 * 3 + 3 + 3);
  EXPECT_EQ(count(LeakyParallelOptions().recurrent_bias(false)), 2 * 3 + 3);
  EXPECT_EQ(LeakyParallel(LeakyParallelOptions().recurrent_bias(false), 3)->parameters().size(),
            0u);
}

}  // namespace
}  // namespace snn
