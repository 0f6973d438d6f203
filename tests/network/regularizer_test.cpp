#include "snn/network/regularizer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <vector>

#include "snn/text/error.h"

namespace snn {
namespace {

using torch::Tensor;

double value(const Regularizer& regularizer, const std::vector<Tensor>& layers) {
  return compute_regularizer(regularizer, layers).item<double>();
}

// T = 2, B = 2; two layers of 2 and of 1 neurons, with rates 3/4 and 0, and 1/2.
std::vector<Tensor> layers() {
  return {torch::tensor({1., 0., 1., 0., 1., 0., 0., 0.}).reshape({2, 2, 2}),
          torch::tensor({1., 0., 0., 1.}).reshape({2, 2, 1})};
}

TEST(Regularizer, FollowsItsFormula) {
  constexpr double kTolerance = 1e-6;
  EXPECT_NEAR(value(parse_regularizer("l1-rate"), layers()), 3.0 / 8 + 1.0 / 2, kTolerance);
  EXPECT_NEAR(value(parse_regularizer("spikes"), layers()), 5.0 / 2, kTolerance);
  // Outside of 0.1 to 0.6 by 0.15 and 0.1.
  EXPECT_NEAR(value(parse_regularizer("rate-band:low=0.1,high=0.6"), layers()),
              (0.15 * 0.15 + 0.1 * 0.1) / 2, kTolerance);
  EXPECT_NEAR(value(parse_regularizer("0.5*l1-rate + 2*spikes"), layers()),
              0.5 * (3.0 / 8 + 1.0 / 2) + 2 * 5.0 / 2, kTolerance);
}

TEST(Regularizer, HasTheGradientOfItsValue) {
  torch::manual_seed(1);
  for (const char* text :
       {"l1-rate", "rate-band:low=0.3,high=0.5", "spikes", "2*spikes + l1-rate"}) {
    const Regularizer regularizer = parse_regularizer(text);
    const std::vector<Tensor> variables = {torch::rand({4, 3, 5}, torch::kDouble).requires_grad_(),
                                           torch::rand({4, 3, 2}, torch::kDouble).requires_grad_()};
    compute_regularizer(regularizer, variables).backward();
    for (std::size_t layer = 0; layer < 2; ++layer) {
      for (std::int64_t i = 0; i < variables[layer].numel(); ++i) {
        constexpr double kStep = 1e-6;
        const auto moved = [&](double by) {
          std::vector<Tensor> copies = {variables[0].detach().clone(),
                                        variables[1].detach().clone()};
          copies[layer].view(-1)[i] += by;
          return value(regularizer, copies);
        };
        EXPECT_NEAR(variables[layer].grad().view(-1)[i].item<double>(),
                    (moved(kStep) - moved(-kStep)) / (2 * kStep), 1e-8)
            << text;
      }
    }
  }
}

TEST(Regularizer, WakesSilentNeurons) {
  const Tensor spikes = torch::zeros({4, 3, 2}, torch::kDouble).requires_grad_();
  compute_regularizer(parse_regularizer("rate-band:low=0.1,high=0.6"), {spikes}).backward();
  // d/dS of (0.1 - r)^2 / 2 for a rate that is a mean of 12.
  EXPECT_TRUE(torch::allclose(spikes.grad(), torch::full_like(spikes, -0.1 / 12)));
}

TEST(Regularizer, NeedsTermsAndLayers) {
  EXPECT_THROW(value({}, layers()), Error);
  EXPECT_THROW(value(parse_regularizer("spikes"), {}), Error);
  EXPECT_TRUE(needs_whole_batch(parse_regularizer("spikes + rate-band")));
  EXPECT_FALSE(needs_whole_batch(parse_regularizer("spikes + l1-rate")));
}

}  // namespace
}  // namespace snn
