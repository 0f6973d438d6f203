#include "snn/network/loss.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <span>
#include <vector>

namespace snn {
namespace {

using torch::Tensor;

// T = 2, B = 2, C = 3; the values were computed in double precision from the formulas in loss.h.
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
  // The spike counts of the two samples are 2 1 0 and 0 2 1.
  EXPECT_TRUE(torch::equal(predict(spikes()), torch::tensor({0, 1}, torch::kLong)));
  EXPECT_TRUE(torch::equal(predict(torch::zeros({4, 2, 3})), torch::zeros({2}, torch::kLong)));
  EXPECT_TRUE(
      torch::equal(predict(torch::tensor({{{0.0F, 1.0F, 1.0F}}})), torch::ones({1}, torch::kLong)));
}

// The sums of the membrane potentials over time are 1.7 0.2 -0.4 and 0.2 2.0 0.9.
TEST(Predict, DecidesAsItIsTold) {
  const auto classes = [](std::vector<std::int64_t> values) {
    return torch::tensor(values, torch::kLong);
  };
  // The first two classes have equal counts, or the last two, or there are no spikes.
  const Tensor tied =
      torch::tensor({1.F, 1.F, 0.F, 0.F, 2.F, 2.F, 0.F, 0.F, 0.F}).reshape({1, 3, 3});
  const Tensor sums =
      torch::tensor({1.F, 2.F, 3.F, 9.F, 2.F, 1.F, -3.F, -1.F, -2.F}).reshape({1, 3, 3});
  EXPECT_TRUE(torch::equal(predict(tied, sums), classes({1, 1, 1})));
  EXPECT_TRUE(torch::equal(predict(tied, sums, Decision::kCount), classes({0, 1, 0})));
  EXPECT_TRUE(torch::equal(predict(tied, sums, Decision::kMembrane), classes({2, 0, 1})));
  EXPECT_TRUE(torch::equal(predict(spikes(), membrane(), Decision::kMembrane), classes({0, 1})));
  const Tensor unknown = torch::full_like(sums, NAN);
  EXPECT_TRUE(torch::equal(predict(tied, unknown), classes({0, 1, 0})));
}

// decide() is used by the fused engine and by evaluations.
TEST(Predict, AgreesWithDecide) {
  torch::manual_seed(1);
  const Tensor counts = torch::randint(0, 3, {1, 500, 5}, torch::kFloat);
  const Tensor sums = torch::randint(-2, 3, {1, 500, 5}, torch::kFloat);
  for (const auto& [decision, name] : Names<Decision>::table) {
    const Tensor predicted = predict(counts, sums, decision);
    for (std::int64_t i = 0; i < 500; ++i) {
      const auto row = [&](const Tensor& all) {
        return std::span<const float>(all.data_ptr<float>() + 5 * i, 5);
      };
      ASSERT_EQ(decide(decision, row(counts), row(sums)), predicted[i].item<std::int64_t>())
          << name << ", sample " << i;
    }
  }
}

TEST(AccuracyRate, IsTheShareOfRightPredictions) {
  EXPECT_EQ(accuracy_rate(spikes(), torch::tensor({0, 2}, torch::kLong)), 0.5);
}

}  // namespace
}  // namespace snn
