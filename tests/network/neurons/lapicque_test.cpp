#include "snn/network/neurons/lapicque.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <vector>

#include "snn/network/network_spec.h"
#include "snn/train/settings.h"
#include "support/error_of.h"

namespace snn {
namespace {

using torch::Tensor;

// The membrane potentials of one neuron under a current of 8, 8, 8, 0, 8, 8, 0, as computed by
// snnTorch 0.9 for beta = 0.9: C = 1 / ln(1 / 0.9) = 9.491222, so that r = 0.105361.
void expect_membranes(Reset reset, const std::vector<float>& expected) {
  Lapicque neuron(LapicqueOptions(0.9).reset(reset));
  const Tensor current = torch::tensor({8.0F, 8.0F, 8.0F, 0.0F, 8.0F, 8.0F, 0.0F});
  const auto result = neuron->sequence(Sequence::varying(current.reshape({7, 1, 1})),
                                       neuron->initial_state({1, 1}, torch::kFloat), true);
  EXPECT_TRUE(torch::allclose(result.membrane.flatten(), torch::tensor(expected), 0, 2e-6))
      << name_of(reset) << '\n'
      << result.membrane.flatten();
}

TEST(Lapicque, IntegratesAndResetsAsSnnTorch) {
  expect_membranes(Reset::kSubtract,
                   {0.842884F, 1.596962F, 1.271589F, 0.137614F, 0.965999F, 1.707105F, 0.527243F});
  expect_membranes(Reset::kZero, {0.842884F, 1.596962F, 0, 0, 0.842884F, 1.596962F, 0});
}

// beta = exp(-time_step / (R C)) determines the one of R and C that is not given.
TEST(Lapicque, FollowsBetaForWhatIsNotGiven) {
  const double time_constant = 0.5 / std::log(1 / 0.8);
  const auto circuit = [](const LapicqueOptions& options) {
    Lapicque neuron(options);
    return std::vector<double>{neuron->resistance.item<double>(),
                               neuron->capacitance.item<double>()};
  };
  const auto expect = [&](const LapicqueOptions& options, double resistance, double capacitance) {
    EXPECT_NEAR(circuit(options)[0], resistance, 1e-6);
    EXPECT_NEAR(circuit(options)[1], capacitance, 1e-6);
  };
  const LapicqueOptions options = LapicqueOptions(0.8).time_step(0.5);
  expect(options, 1, time_constant);
  expect(LapicqueOptions(options).resistance(2.0), 2, time_constant / 2);
  expect(LapicqueOptions(options).capacitance(4.0), time_constant / 4, 4);
  expect(LapicqueOptions(options).resistance(2.0).capacitance(4.0), 2, 4);
}

TEST(Lapicque, RefusesABetaThatNoCircuitHas) {
  const auto error = [](double beta) {
    return error_of([&] { check({{2}, {{LinearSpec{2}, LapicqueOptions(beta)}}}); });
  };
  EXPECT_EQ(error(0.5), "no error");
  EXPECT_EQ(error(1), "layer 1: lapicque: beta: expected a number in (0, 1), found 1");
  EXPECT_EQ(error(0), "layer 1: lapicque: beta: expected a number in (0, 1), found 0");
}

TEST(Lapicque, RefusesACircuitThatFloatsDoNotHold) {
  EXPECT_EQ(error_of([] { Lapicque(LapicqueOptions(0.99999999)); }), "no error");
  EXPECT_NE(error_of([] { Lapicque(LapicqueOptions(0.9999999).capacitance(1e-37)); }), "no error");
}

// The range of the flag itself is that of leaky neurons, [0, 1].
TEST(Lapicque, RefusesABetaThatItDoesNotHaveAsAnOption) {
  Settings settings;
  apply_option(*find_option("neuron"), "lapicque", "--neuron", settings);
  apply_option(*find_option("beta"), "0.5,1", "--beta", settings);
  check_together(settings);
  EXPECT_THAT(settings.problems,
              testing::ElementsAre("--beta: expected a number in (0, 1), found '1'"));
  EXPECT_EQ(error_of([&] { network_spec(settings.config, {3}, 2); }),
            "beta: expected a number in (0, 1), found '1'");
}

}  // namespace
}  // namespace snn
