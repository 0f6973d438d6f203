#include "snn/network/neurons/delta_leaky.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

// U changes by 1, 0.4, 1.7 and 1.05.
TEST(DeltaLeaky, SpikesWhenTheMembraneChanges) {
  const auto trace = [](double threshold) {
    return trace_of(DeltaLeaky(DeltaLeakyOptions(0.5).delta_threshold(threshold)), {1, .1, 2, .1});
  };
  expect_trace(trace(0.5), {1, .6, 2.3, 1.25}, {1, 0, 1, 1});
  expect_trace(trace(0.2), {1, .6, 2.3, 1.25}, {1, 1, 1, 1});
}

TEST(DeltaLeaky, HasSnnTorchsNamesInItsStateDict) {
  DeltaLeaky neuron(DeltaLeakyOptions(0.5).learn_beta(true));
  EXPECT_EQ(neuron->named_parameters().keys(), std::vector<std::string>({"beta"}));
  EXPECT_EQ(neuron->named_buffers().keys(),
            std::vector<std::string>({"threshold", "graded_spikes_factor", "reset_mechanism_val"}));
}

}  // namespace
}  // namespace snn
