#include "snn/loss.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace snn {
namespace {

using torch::Tensor;

// T = 2, B = 2, C = 3; the values were worked out in double precision from the formulas in loss.h.
const Tensor& spikes() {
  static const Tensor tensor = torch::tensor({1., 0., 0., 0., 1., 0., 1., 1., 0., 0., 1., 1.})
                                   .to(torch::kFloat)
                                   .reshape({2, 2, 3});
  return tensor;
}
const Tensor& membrane() {
  static const Tensor tensor = torch::tensor({.5, -.2, .1, .3, .9, .2, 1.2, .4, -.5, -.1, 1.1, .7})
                                   .to(torch::kFloat)
                                   .reshape({2, 2, 3});
  return tensor;
}

double value(const Loss& loss) {
  const Tensor targets = torch::tensor({0, 2}, torch::kLong);
  return compute_loss(loss, spikes(), membrane(), targets).item<double>();
}

TEST(Loss, FollowsItsFormula) {
  constexpr double kTolerance = 1e-5;  // the values have six digits
  EXPECT_NEAR(value(Loss::ce_membrane()), 1.878754, kTolerance);
  EXPECT_NEAR(value(Loss::ce_rate()), 0.956720, kTolerance);
  EXPECT_NEAR(value(Loss::ce_count()), 0.907606, kTolerance);
  EXPECT_NEAR(value(Loss::ce_max_membrane()), 0.864550, kTolerance);
  EXPECT_NEAR(value(Loss::mse_count()), 0.5, kTolerance);
  EXPECT_NEAR(value(Loss::mse_membrane()), 0.3, kTolerance);
}

TEST(Loss, RefusesShapesThatDoNotFit) {
  const Tensor targets = torch::zeros({3}, torch::kLong);
  EXPECT_THROW(compute_loss(Loss::ce_count(), spikes(), membrane(), targets), c10::Error);
}

TEST(Predict, TakesTheClassWithMostSpikesAndTheLowestOfTies) {
  // Counts of the two samples: 2 1 0 and 0 2 1.
  EXPECT_TRUE(torch::equal(predict(spikes()), torch::tensor({0, 1}, torch::kLong)));
  EXPECT_TRUE(torch::equal(predict(torch::zeros({4, 2, 3})), torch::zeros({2}, torch::kLong)));
  EXPECT_TRUE(
      torch::equal(predict(torch::tensor({{{0.0F, 1.0F, 1.0F}}})), torch::ones({1}, torch::kLong)));
}

TEST(AccuracyRate, IsTheShareOfRightPredictions) {
  EXPECT_EQ(accuracy_rate(spikes(), torch::tensor({0, 2}, torch::kLong)), 0.5);
}

}  // namespace
}  // namespace snn
