#include "snn/network/neurons/slstm.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "snn/network/network.h"

namespace snn {
namespace {

using torch::Tensor;

// Without reset the membranes are the hidden states of PyTorch's LSTM, which a cell with other
// numbers of inputs and neurons remembers, too (snnTorch's does not).
TEST(Slstm, IsPyTorchsLstmWithoutReset) {
  torch::manual_seed(1);
  Slstm neurons(SlstmOptions().threshold(0.05), /*inputs=*/4, /*neurons=*/6);
  torch::nn::LSTM lstm(4, 6);
  auto weights = lstm->named_parameters();
  for (const auto& each : neurons->lstm_cell->named_parameters()) {
    const torch::NoGradGuard no_grad;
    weights[each.key() + "_l0"].copy_(each.value());
  }
  const Tensor current = torch::randn({9, 3, 4});
  const auto result = neurons->sequence(Sequence::varying(current),
                                        neurons->initial_state({3, 4}, current.options()), true);
  const Tensor expected = std::get<0>(lstm->forward(current));
  EXPECT_TRUE(torch::allclose(result.membrane, expected, 1e-5, 1e-6));
  EXPECT_TRUE(torch::equal(result.spikes, expected.gt(0.05F).to(torch::kFloat)));
  EXPECT_GT(result.spikes.sum().item<double>(), 0);
}

TEST(Slstm, LowersTheMembraneOneStepAfterASpike) {
  torch::manual_seed(1);
  const auto second_step = [](Reset reset) {
    Slstm neurons(SlstmOptions().threshold(0.1).reset(reset), 2, 2, Seeds{3});
    State state = neurons->initial_state({1, 2}, torch::kFloat);
    state[1] = torch::tensor({{0.2F, 0.05F}});  // the first has fired
    return neurons->step(torch::zeros({1, 2}), state).state[1];
  };
  const Tensor free = second_step(Reset::kNone);
  EXPECT_TRUE(torch::allclose(second_step(Reset::kSubtract), free - torch::tensor({{0.1F, 0.0F}}),
                              0, 1e-7));
  EXPECT_TRUE(torch::equal(second_step(Reset::kZero), free * torch::tensor({{0.0F, 1.0F}})));
}

TEST(Slstm, HasACellOfAsManyInputsAsNeuronsInANetwork) {
  Network network(
      NetworkSpec{{4}, {{LinearSpec{3}, SlstmOptions()}, {LinearSpec{2}, SlstmOptions()}}});
  std::int64_t count = 0;
  for (const Tensor& parameter : network->parameters()) count += parameter.numel();
  EXPECT_EQ(count, parameter_count(network->spec));
  EXPECT_EQ(network->named_parameters()["lif1.lstm_cell.weight_ih"].sizes(),
            torch::IntArrayRef({12, 3}));
  EXPECT_EQ(network->forward(torch::rand({5, 4}), 3).spikes.sizes(), torch::IntArrayRef({3, 5, 2}));
  Network other(network->spec);
  EXPECT_TRUE(torch::equal(network->named_parameters()["lif1.lstm_cell.weight_hh"],
                           other->named_parameters()["lif1.lstm_cell.weight_hh"]));
}

}  // namespace
}  // namespace snn
