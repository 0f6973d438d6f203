#include "snn/network/neurons/leaky.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <sstream>
#include <vector>

#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

void expect_trace(const LeakyOptions& options, const std::vector<double>& membrane,
                  const std::vector<double>& spikes) {
  expect_trace(trace_of(Leaky(options), {0.8, 0.8, 0.8, 0, 2.5, 0.1, 0.1}), membrane, spikes);
}

// The values were derived by hand from the equations in leaky.h with beta 0.9 and threshold 1.
TEST(Leaky, SubtractsTheThresholdInTheStepAfterASpike) {
  expect_trace(LeakyOptions(0.9), {.8, 1.52, 1.168, .0512, 2.54608, 1.391472, .3523248},
               {0, 1, 1, 0, 1, 1, 0});
}

TEST(Leaky, SubtractsTheThresholdAtOnceWithoutDelay) {
  expect_trace(LeakyOptions(0.9).reset_delay(false),
               {.8, .52, .268, .2412, 1.71708, 1.645372, 1.580835}, {0, 1, 1, 0, 1, 0, 0});
}

TEST(Leaky, ZeroesTheMembraneButKeepsTheNextCurrent) {
  expect_trace(LeakyOptions(0.9).reset(Reset::kZero), {.8, 1.52, .8, .72, 3.148, .1, .19},
               {0, 1, 0, 0, 1, 0, 0});
}

TEST(Leaky, ZeroesTheMembraneAtOnceWithoutDelay) {
  expect_trace(LeakyOptions(0.9).reset(Reset::kZero).reset_delay(false),
               {.8, 0, .8, .72, 0, .1, .19}, {0, 1, 0, 0, 1, 0, 0});
}

TEST(Leaky, LeavesTheMembraneAloneWithoutReset) {
  expect_trace(LeakyOptions(0.9).reset(Reset::kNone),
               {.8, 1.52, 2.168, 1.9512, 4.25608, 3.930472, 3.637425}, {0, 1, 1, 1, 1, 1, 1});
}

// The membrane of the step before, less the threshold, decays: 0.9 (1.52 - 1) + 0.8, 0.9 (1.268 -
// 1), 0.9 0.2412 + 2.5, 0.9 (2.71708 - 1) + 0.1, 0.9 (1.645372 - 1) + 0.1.
TEST(Leaky, SubtractsTheThresholdBeforeTheDecayByTheRuleOfTheTutorials) {
  expect_trace(LeakyOptions(0.9).reset(Reset::kSubtractBeta),
               {.8, 1.52, 1.268, .2412, 2.71708, 1.645372, .680835}, {0, 1, 1, 0, 1, 1, 0});
}

TEST(Leaky, QuantisesItsMembraneButNotItsGradient) {
  Leaky leaky(LeakyOptions(0.5).state_quant(parse_state_quant("uniform:bits=2")));
  const Tensor current = torch::tensor({{-3.0F, 0.0F, 0.7F, 9.0F}}).requires_grad_();
  const auto result = leaky->step(current, leaky->initial_state({1, 4}, torch::kFloat));
  EXPECT_TRUE(
      torch::allclose(result.state[0], torch::tensor({{-1.0F, -0.2666667F, 0.4666667F, 1.2F}})));
  result.state[0].sum().backward();
  EXPECT_TRUE(torch::equal(current.grad(), torch::ones({1, 4})));
}

TEST(Leaky, DoesNotSpikeAtTheThresholdItself) {
  const Trace trace = trace_of(Leaky(LeakyOptions(0.5)), {1.0, 0.5});
  EXPECT_EQ(trace.spikes.sum().item<double>(), 0);
}

// L = sum of spikes of 4 steps with current w = 0.6: dL/dw = sum over t of surrogate'(U_t - 1)
// dU_t/dw with dU/dw = 1, 1.9, 2.71, 3.439, since the reset is not differentiated.
TEST(Leaky, DifferentiatesThroughTimeButNotThroughTheReset) {
  Leaky leaky(LeakyOptions(0.9));
  const Tensor w = torch::full({1, 1}, 0.6F).requires_grad_();
  leaky->sequence(Sequence::constant(w, 4), leaky->initial_state({1, 1}, w.options()), false)
      .spikes.sum()
      .backward();
  EXPECT_NEAR(w.grad().item<double>(), 5.839938, 1e-4);
}

TEST(Leaky, ClampsBetaInTheForwardPassOnly) {
  Leaky leaky(LeakyOptions(1.2).learn_beta(true));
  const Tensor current = torch::full({1, 1}, 0.3F);
  auto result = leaky->step(current, {torch::full({1, 1}, 0.5F)});
  EXPECT_FLOAT_EQ(result.state[0].item<float>(), 0.8F);
  result.state[0].sum().backward();
  EXPECT_FLOAT_EQ(leaky->beta.item<float>(), 1.2F);
  EXPECT_EQ(leaky->beta.grad().item<float>(), 0) << "outside [0, 1] beta has no gradient";
}

TEST(Leaky, KeepsNothingOfWhatItHasSeen) {
  Leaky leaky(LeakyOptions(0.9));
  const Tensor current = torch::full({2, 3}, 0.7F);
  const State rest = leaky->initial_state({2, 3}, current.options());
  const auto first = leaky->sequence(Sequence::constant(current, 5), rest, true);
  const auto second = leaky->sequence(Sequence::constant(current, 5), rest, true);
  EXPECT_TRUE(torch::equal(first.membrane, second.membrane));
}

TEST(Leaky, GoesOnFromTheStateItReturned) {
  Leaky leaky(LeakyOptions(0.9));
  const Tensor input = torch::rand({8, 2, 3});
  const State rest = leaky->initial_state({2, 3}, input.options());
  const auto whole = leaky->sequence(Sequence::varying(input), rest, true);
  const auto head = leaky->sequence(Sequence::varying(input.slice(0, 0, 5)), rest, true);
  const auto tail = leaky->sequence(Sequence::varying(input.slice(0, 5)), head.state, true);
  EXPECT_TRUE(torch::equal(torch::cat({head.spikes, tail.spikes}), whole.spikes));
  EXPECT_TRUE(torch::equal(torch::cat({head.membrane, tail.membrane}), whole.membrane));
}

TEST(Leaky, RefusesAStateOfAnotherShape) {
  Leaky leaky;
  EXPECT_THROW(leaky->step(torch::zeros({2, 3}), {torch::zeros({2, 4})}), c10::Error);
  EXPECT_THROW(leaky->step(torch::zeros({2, 3}), {}), c10::Error);
}

TEST(Leaky, LetsOnlyTheHighestNeuronSpikeWithInhibition) {
  Leaky leaky(LeakyOptions(0.9).inhibition(true));
  const Tensor current = torch::tensor({{1.5F, 2.5F, 2.0F}, {0.1F, 0.2F, 0.3F}});
  const auto result = leaky->step(current, leaky->initial_state({2, 3}, current.options()));
  EXPECT_TRUE(torch::equal(result.spikes, torch::tensor({{0.0F, 1.0F, 0.0F}, {0.0F, 0.0F, 0.0F}})));
}

TEST(Leaky, HasSnnTorchsNamesInItsStateDict) {
  Leaky leaky(LeakyOptions({0.9, 0.8}).threshold({1.0, 2.0}).learn_threshold(true));
  const auto parameters = leaky->named_parameters();
  const auto buffers = leaky->named_buffers();
  EXPECT_EQ(parameters.keys(), std::vector<std::string>({"threshold"}));
  EXPECT_EQ(parameters["threshold"].sizes(), torch::IntArrayRef({2}));
  EXPECT_EQ(buffers.keys(),
            std::vector<std::string>({"beta", "graded_spikes_factor", "reset_mechanism_val"}));
  EXPECT_EQ(buffers["graded_spikes_factor"].dim(), 0);
}

TEST(Leaky, ClonesDeeply) {
  Leaky leaky(LeakyOptions(0.9).learn_beta(true));
  const auto clone = std::dynamic_pointer_cast<LeakyImpl>(leaky->clone());
  ASSERT_TRUE(clone);
  {
    const torch::NoGradGuard no_grad;
    leaky->beta.fill_(0.5);
  }
  EXPECT_FLOAT_EQ(clone->beta.item<float>(), 0.9F);
}

TEST(Leaky, PrintsItsOptions) {
  std::ostringstream text;
  text << Leaky(LeakyOptions(0.9).learn_beta(true));
  EXPECT_EQ(text.str(),
            "snn::Leaky(beta=0.9, threshold=1, reset=subtract, reset_delay=true, "
            "surrogate=atan:alpha=2, graded_spikes_factor=1, inhibition=false, refractory=0, "
            "state_quant=none, learn_beta)");
}

}  // namespace
}  // namespace snn
