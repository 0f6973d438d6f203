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
          Surrogate::sfs(),        Surrogate::spike_operator()};
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
