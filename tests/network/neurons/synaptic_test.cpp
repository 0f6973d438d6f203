#include "snn/network/neurons/synaptic.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

// Worked out by hand from the equations in synaptic.h with alpha 0.8, beta 0.9 and threshold 1. The
// synaptic currents are 0.3, 0.54, 0.732, 0.5856, 0.46848, 0.674784 and 0.839827.
void expect_trace(const SynapticOptions& options, const std::vector<double>& membrane,
                  const std::vector<double>& spikes) {
  expect_trace(trace_of(Synaptic(options), {0.3, 0.3, 0.3, 0, 0, 0.3, 0.3}), membrane, spikes);
}

TEST(Synaptic, SubtractsTheThreshold) {
  expect_trace(SynapticOptions(0.8, 0.9), {.3, .81, 1.461, .9005, 1.27893, .825821, 1.583066},
               {0, 0, 1, 0, 1, 0, 1});
}

TEST(Synaptic, SubtractsTheThresholdAtOnceWithoutDelay) {
  expect_trace(SynapticOptions(0.8, 0.9).reset_delay(false),
               {.3, .81, .461, .0005, .46893, .096821, .926966}, {0, 0, 1, 1, 0, 1, 0});
}

TEST(Synaptic, ZeroesTheMembraneAndKeepsTheSynapticCurrent) {
  expect_trace(SynapticOptions(0.8, 0.9).reset(Reset::kZero),
               {.3, .81, 1.461, 0, .46848, 1.096416, 0}, {0, 0, 1, 0, 0, 1, 0});
}

TEST(Synaptic, HasSnnTorchsNamesInItsStateDict) {
  Synaptic synaptic(SynapticOptions({0.9, 0.8}, 0.7).learn_alpha(true).learn_threshold(true));
  EXPECT_EQ(synaptic->named_parameters().keys(), std::vector<std::string>({"alpha", "threshold"}));
  EXPECT_EQ(synaptic->named_buffers().keys(),
            std::vector<std::string>({"beta", "graded_spikes_factor", "reset_mechanism_val"}));
}

}  // namespace
}  // namespace snn
