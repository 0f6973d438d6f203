#include "snn/network/neurons/adlif.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

// All decays and couplings are powers of two, so that the steps can be followed by hand.
AdlifOptions simple() {
  return AdlifOptions(0.5)
      .adaptation_decay(0.5)
      .adaptation_a(0.5)
      .adaptation_b(1.0)
      .adaptation_scale(1.0);
}

// V = 2, -0.25, 1.78125; w = 0.5, 0.1875, 0.59375.
TEST(Adlif, AdaptsToMembraneAndSpikesAfterTheResetToZero) {
  expect_trace(trace_of(Adlif(simple()), {4, 0, 4}), {0, -.25, 0}, {1, 0, 1});
}

// V = 2, 0.125, 1.859375; w = 0.75, 0.40625, 0.917969.
TEST(Adlif, SubtractsTheThreshold) {
  expect_trace(trace_of(Adlif(simple().reset(Reset::kSubtract)), {4, 0, 4}), {1, .125, .859375},
               {1, 0, 1});
}

// Below the threshold a step multiplies (U, w) by a matrix of determinant beta d, so that an
// oscillation shrinks by the square root of beta d in each step whatever the coupling: for time
// constants of 25 and 60 steps by 0.972, as Fig. 3 of the paper states. Any four membranes u under
// no current have u2^2 - u1 u3 = beta d (u1^2 - u0 u2).
TEST(Adlif, OscillatesWithTheDecayOfItsPaper) {
  const double beta = std::exp(-1 / 25.0), decay = std::exp(-1 / 60.0);
  EXPECT_NEAR(std::sqrt(beta * decay), 0.972, 5e-4);
  for (const double coupling : {0.25, 1.0}) {
    AdlifOptions options = AdlifOptions(beta).adaptation_decay(decay).adaptation_a(coupling);
    const Trace trace = trace_of(Adlif(options.threshold(100.0)), {9, 0, 0, 0, 0, 0, 0, 0});
    const auto u = [&](std::int64_t i) { return trace.membrane[i].item<double>(); };
    const double shrinks = (u(4) * u(4) - u(3) * u(5)) / (u(3) * u(3) - u(2) * u(4));
    EXPECT_NEAR(shrinks, beta * decay, 1e-5) << coupling;
  }
}

// By the chain rule: a spike's derivative in the adaptation is its surrogate, here 1, and the reset
// to zero lets nothing else through, so that dw/dI = (1 - d) b (1 - beta).
TEST(Adlif, DifferentiatesTheAdaptationThroughTheSpike) {
  Adlif adlif(simple().surrogate(Surrogate::straight_through()));
  const Tensor current = torch::full({1, 1}, 4.0F).requires_grad_();
  const auto result = adlif->step(current, adlif->initial_state({1, 1}, torch::kFloat));
  EXPECT_FLOAT_EQ(torch::autograd::grad({result.state[0].sum()}, {current})[0].item<float>(),
                  0.25F);
}

}  // namespace
}  // namespace snn
