#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <vector>

#include "snn/network/surrogate.h"

namespace snn {
namespace {

using torch::Tensor;

std::vector<Surrogate> all_surrogates() {
  return {Surrogate::atan(),       Surrogate::fast_sigmoid(),     Surrogate::sigmoid(),
          Surrogate::triangular(), Surrogate::straight_through(), Surrogate::spike_rate_escape(),
          Surrogate::sfs(),        Surrogate::spike_operator(),   Surrogate::sso(),
          Surrogate::lso(),        Surrogate::boxcar(),           Surrogate::gaussian(),
          Surrogate::erf(),        Surrogate::multi_gaussian(),   Surrogate::leaky_relu()};
}

TEST(Spike, NeedsMoreThanTheThreshold) {
  const Tensor x = torch::tensor({-1.0F, -1e-7F, 0.0F, 1e-7F, 1.0F});
  const Tensor expected = torch::tensor({0.0F, 0.0F, 0.0F, 1.0F, 1.0F});
  for (const Surrogate& surrogate : all_surrogates()) {
    EXPECT_TRUE(torch::equal(spike(x, surrogate), expected)) << to_string(surrogate);
  }
}

TEST(Spike, PassesTheGradientThroughTheSurrogatesDerivative) {
  for (const Surrogate& surrogate : all_surrogates()) {
    const Tensor x = torch::linspace(-2, 2, 41).requires_grad_();
    const Tensor incoming = torch::linspace(1, 3, 41);
    spike(x, surrogate).backward(incoming);
    EXPECT_TRUE(torch::allclose(x.grad(), incoming * surrogate_derivative(x.detach(), surrogate)))
        << to_string(surrogate);
  }
}

// The derivatives at -1, -0.1, 0, 0.1, 1 were computed in double precision from the formulas.
TEST(SurrogateDerivative, FollowsItsFormula) {
  const Tensor x = torch::tensor({-1.0, -0.1, 0.0, 0.1, 1.0}, torch::kDouble);
  const auto expect = [&](const Surrogate& surrogate, const std::vector<double>& expected) {
    EXPECT_TRUE(torch::allclose(surrogate_derivative(x, surrogate),
                                torch::tensor(expected, torch::kDouble), 1e-4, 1e-12))
        << to_string(surrogate) << surrogate_derivative(x, surrogate);
  };
  expect(Surrogate::atan(), {0.0920, 0.910170, 1, 0.910170, 0.0920});
  expect(Surrogate::fast_sigmoid(), {0.00147929, 0.0816327, 1, 0.0816327, 0.00147929});
  expect(Surrogate::sigmoid(), {3.471986e-10, 1.752593, 6.25, 1.752593, 3.471986e-10});
  expect(Surrogate::triangular(2), {2, 2, -2, -2, -2});
  expect(Surrogate::spike_rate_escape(), {3.383382, 8.321777, 9.196986, 10.164241, 25});
  expect(Surrogate::sfs(25, 0.05), {0, 0, 0, 0.0816327, 0.00147929});
  expect(Surrogate::spike_operator(), {0, 0, 0, 1, 1});
  expect(Surrogate::lso(0.3), {0.3, 0.3, 0.3, 1, 1});
  expect(Surrogate::boxcar(0.5), {0, 2, 2, 2, 0});
  expect(Surrogate::gaussian(0.5), {0.107982, 0.782085, 0.797885, 0.782085, 0.107982});
  expect(Surrogate::erf(2), {0.0206667, 1.084135, 1.128379, 1.084135, 0.0206667});
  expect(Surrogate::leaky_relu(2, 0.1), {0.1, 0.1, 2, 2, 2});
  expect(Surrogate::multi_gaussian(), {0.0869040, 0.8600755, 0.8782233, 0.8600755, 0.0869040});
}

// Steps from 0 to 1 have derivatives of area 1. The sums have an error of the order of their step,
// 1e-3, times what a derivative jumps by: 1 / 0.7.
TEST(SurrogateDerivative, IsADensityWhereItsPaperSaysSo) {
  const Tensor x = torch::linspace(-30, 30, 60001, torch::kDouble);
  constexpr double kTolerance = 2e-3;
  for (const Surrogate& surrogate : {Surrogate::boxcar(0.7), Surrogate::gaussian(0.3),
                                     Surrogate::erf(3), Surrogate::sigmoid(5)}) {
    EXPECT_NEAR(surrogate_derivative(x, surrogate).sum().item<double>() * 1e-3, 1, kTolerance)
        << to_string(surrogate);
  }
  // (1 + height) - 2 height
  EXPECT_NEAR(
      surrogate_derivative(x, Surrogate::multi_gaussian(0.2, 0.5, 4)).sum().item<double>() * 1e-3,
      0.8, kTolerance);
}

// SSO's draws: even over their range, repeatable, and no other random numbers are used up.
TEST(SurrogateDerivative, DrawsByTheMembraneAlone) {
  const Tensor x = -torch::rand({100, 100});
  torch::manual_seed(1);
  const Tensor before = torch::rand({3});
  torch::manual_seed(1);
  const Tensor drawn = surrogate_derivative(x, Surrogate::sso(0.1, 2));
  EXPECT_TRUE(torch::equal(torch::rand({3}), before));
  EXPECT_TRUE(torch::equal(drawn, surrogate_derivative(x, Surrogate::sso(0.1, 2))));
  EXPECT_GE(drawn.min().item<double>(), 2 * (0.1 - 0.5));
  EXPECT_LT(drawn.max().item<double>(), 2 * (0.1 + 0.5));
  // 4 standard errors of a mean of 10^4 numbers of standard deviation 2 / sqrt(12).
  EXPECT_NEAR(drawn.mean().item<double>(), 0.2, 4 * 2 / std::sqrt(12.0) / 100);
  EXPECT_NEAR(drawn.std().item<double>(), 2 / std::sqrt(12.0), 0.02);
  EXPECT_TRUE(torch::equal(surrogate_derivative(-x, Surrogate::sso()), torch::ones_like(x)));
  const Tensor same = torch::full({1000}, -0.5);
  EXPECT_GT(surrogate_derivative(same, Surrogate::sso()).std().item<double>(), 0.05)
      << "neurons of equal membranes draw for themselves";
}

TEST(Spike, TakesADerivativeOfTheCallersOwn) {
  const Tensor x = torch::linspace(-1, 1, 21).requires_grad_();
  const double width = 0.35;
  const Tensor spikes =
      spike(x, [width](const Tensor& at) { return at.abs().lt(width).to(torch::kFloat); });
  EXPECT_TRUE(torch::equal(spikes.detach(), x.detach().gt(0).to(torch::kFloat)));
  spikes.backward(torch::full({21}, 3.0F));
  EXPECT_TRUE(torch::equal(x.grad(), x.detach().abs().lt(width) * 3.0F));
}

TEST(SurrogateDerivative, StaysFiniteFarFromTheThreshold) {
  const Tensor x = torch::tensor({-1e30F, -1000.0F, -4.0F, 4.0F, 1000.0F, 1e30F});
  for (const Surrogate& surrogate : all_surrogates()) {
    EXPECT_TRUE(surrogate_derivative(x, surrogate).isfinite().all().item<bool>())
        << to_string(surrogate);
  }
}

}  // namespace
}  // namespace snn
