#include "snn/network/neurons/li.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "snn/network/decision.h"
#include "snn/network/network.h"
#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

TEST(Li, IntegratesWithoutSpikes) {
  const Trace trace = trace_of(Li(LiOptions(0.5)), {4, 0, 2, 8});
  EXPECT_TRUE(torch::equal(trace.membrane, torch::tensor({4.0, 2.0, 3.0, 9.5}, torch::kDouble)));
  EXPECT_TRUE(torch::equal(trace.spikes, trace.membrane));
}

TEST(LiNetwork, AnswersByTheMembrane) {
  torch::manual_seed(1);
  Network network(
      NetworkSpec{{4}, {{LinearSpec{6}, LeakyOptions(0.9)}, {LinearSpec{3}, LiOptions(0.8)}}});
  const auto output = network->forward(torch::rand({5, 4}) * 9, 7);
  ASSERT_GT(output.layer_spikes[0].sum().item<double>(), 0);
  EXPECT_TRUE(torch::equal(output.spikes, output.membrane));
  const auto parameters = network->named_parameters();
  Tensor expected = torch::zeros({5, 3});
  for (std::int64_t t = 0; t < 7; ++t) {
    const Tensor& spikes = output.layer_spikes[0][t];
    expected = 0.8F * expected + torch::nn::functional::linear(spikes, parameters["fc2.weight"],
                                                               parameters["fc2.bias"]);
    EXPECT_TRUE(torch::allclose(output.membrane[t], expected, 1e-5, 1e-6)) << t;
  }
}

}  // namespace
}  // namespace snn
