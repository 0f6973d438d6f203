#include "snn/network/neurons/alpha.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <vector>

#include "snn/network/network_spec.h"
#include "support/error_of.h"
#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

// Worked out by hand from the equations in alpha.h with alpha 0.9, beta 0.8 and threshold 1, hence
// tau = 1.894530.
void expect_trace(Reset reset, const std::vector<double>& membrane,
                  const std::vector<double>& spikes) {
  const AlphaOptions options = AlphaOptions(0.9, 0.8).reset(reset);
  expect_trace(trace_of(Alpha(options), {2, 2, 2, 0, 0, 2}), membrane, spikes);
}

TEST(Alpha, RisesAndFallsByAnAlphaFunction) {
  expect_trace(Reset::kNone, {0, .378906, 1.023046, 1.845273, 2.40037, 2.752033},
               {0, 0, 1, 1, 1, 1});
}

TEST(Alpha, ZeroesAllStates) {
  expect_trace(Reset::kZero, {0, .378906, 1.023046, 0, 0, 0}, {0, 0, 1, 0, 0, 0});
}

TEST(Alpha, SubtractsAsSnnTorch) {
  expect_trace(Reset::kSubtract, {0, .378906, 1.023046, -3.034727, 6.61229, 5.951061},
               {0, 0, 1, 0, 1, 1});
}

TEST(Alpha, RefusesAnAlphaThatIsNotAboveBeta) {
  const auto error = [](const AlphaOptions& options) {
    return error_of([&] { check({{2}, {{LinearSpec{2}, options}}}); });
  };
  EXPECT_EQ(error(AlphaOptions(0.9, 0.8)), "no error");
  EXPECT_EQ(error(AlphaOptions({0.9, 0.7}, 0.6)), "no error");
  EXPECT_EQ(error(AlphaOptions(0.8, 0.8)),
            "layer 1: alpha: expected alpha above beta, 0.8, found 0.8");
  EXPECT_EQ(error(AlphaOptions({0.9, 0.5}, 0.6)),
            "layer 1: alpha: expected alpha above beta, 0.6, found 0.5");
}

}  // namespace
}  // namespace snn
