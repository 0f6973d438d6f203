#include "snn/network/loss.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <span>
#include <string>
#include <utility>
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

double value(const Loss& loss, const Classes& classes = {}) {
  const Tensor targets = torch::tensor({0, 2}, torch::kLong);
  return compute_loss(loss, spikes(), membrane(), targets, classes).item<double>();
}

TEST(Loss, FollowsItsFormula) {
  constexpr double kTolerance = 1e-5;  // the values have six digits
  EXPECT_NEAR(value(Loss::ce_membrane()), 1.878754, kTolerance);
  EXPECT_NEAR(value(Loss::ce_rate()), 0.956720, kTolerance);
  EXPECT_NEAR(value(Loss::ce_count()), 0.907606, kTolerance);
  EXPECT_NEAR(value(Loss::ce_max_membrane()), 0.864550, kTolerance);
  EXPECT_NEAR(value(Loss::mse_count()), 0.5, kTolerance);
  EXPECT_NEAR(value(Loss::mse_membrane()), 0.3, kTolerance);
  EXPECT_NEAR(value(Loss::ce_sum_membrane()), 0.900537, kTolerance);
  EXPECT_NEAR(value(Loss::ce_mean_softmax()), 0.927315, kTolerance);
  EXPECT_NEAR(value(Loss::mse_rate(0.8, 0.1)), 0.186667, kTolerance);
  // The first spikes are at 0 1 1 and 1 0 1.
  EXPECT_NEAR(value(Loss::ce_temporal()), 1.051445, kTolerance);
  EXPECT_NEAR(value(Loss::ce_temporal(true)), 1.044377, kTolerance);
  EXPECT_NEAR(value(Loss::mse_temporal()), 0.083333, kTolerance);
  EXPECT_NEAR(value(Loss::mse_temporal(0, 0)), 0.166667, kTolerance);
  EXPECT_EQ(value(Loss::mse_temporal(0, -1, 1.5)), 0);
}

TEST(Loss, SmoothsLabels) {
  EXPECT_NEAR(value(Loss::ce_rate(0.3)), 1.031720, 1e-5);
  EXPECT_NEAR(value(Loss::ce_mean_softmax(0.3)), 1.001354, 1e-5);
}

TEST(Loss, WeighsClassesAndTerms) {
  const Classes classes{1, {2, 1, 0.5}};
  EXPECT_NEAR(value(Loss::ce_count(), classes), 0.759507, 1e-5);
  EXPECT_NEAR(value(Loss::mse_membrane(), classes), 0.24375, 1e-5);
  EXPECT_NEAR(value(Loss::mse_membrane() + 2 * Loss::ce_count(), classes), 0.24375 + 2 * 0.759507,
              1e-5);
}

// A class of equal outputs has their mean, and its sums are those of one output times their number.
TEST(Loss, KnowsPopulations) {
  const auto repeated = [](const Tensor& values) { return values.repeat_interleave(4, 2); };
  const Tensor targets = torch::tensor({0, 2}, torch::kLong);
  const auto of_population = [&](const Loss& loss) {
    return compute_loss(loss, repeated(spikes()), repeated(membrane()), targets, {4, {}})
        .item<double>();
  };
  for (const Loss& loss : {Loss::ce_membrane(), Loss::ce_rate(), Loss::ce_max_membrane(),
                           Loss::ce_sum_membrane(), Loss::ce_mean_softmax(), Loss::ce_temporal(),
                           Loss::mse_rate(0.8, 0.1), Loss::mse_membrane(), Loss::mse_temporal()}) {
    EXPECT_NEAR(of_population(loss), value(loss), 1e-6) << to_string(loss);
  }
  EXPECT_NEAR(of_population(Loss::mse_count()), 16 * value(Loss::mse_count()), 1e-5);
  EXPECT_NEAR(of_population(Loss::ce_count()),
              compute_loss(Loss::ce_count(), 4 * spikes(), membrane(), targets).item<double>(),
              1e-5);
  EXPECT_EQ(accuracy_rate(repeated(spikes()), targets, 4), accuracy_rate(spikes(), targets));
}

// By central differences, in double precision. A maximum and a first spike have no derivative where
// two steps tie: their values are drawn apart.
TEST(Loss, HasTheGradientOfItsValue) {
  torch::manual_seed(1);
  const Classes classes{2, {0.5, 2, 1}};
  const Tensor targets = torch::tensor({0, 2, 1, 2}, torch::kLong);
  for (const std::string& name : all_names<LossKind>()) {
    Loss loss = parse_loss(name);
    if (reads_first_spikes(loss.terms[0].kind)) continue;  // see below
    if (name.starts_with("ce-")) loss.terms[0].smoothing = 0.2;
    loss = 0.7 * loss + 0.3 * Loss::ce_count();
    const Tensor values = torch::randn({5, 4, 6}, torch::kDouble).requires_grad_();
    const auto at = [&](const Tensor& of) { return compute_loss(loss, of, of, targets, classes); };
    at(values).backward();
    constexpr double kStep = 1e-6;
    for (std::int64_t i = 0; i < values.numel(); i += 7) {
      const auto moved = [&](double by) {
        Tensor copy = values.detach().clone();
        copy.view(-1)[i] += by;
        return at(copy).item<double>();
      };
      const double expected = (moved(kStep) - moved(-kStep)) / (2 * kStep);
      // The error of the difference is of the order of its step's square and 1e-16 / 1e-6.
      EXPECT_NEAR(values.grad().view(-1)[i].item<double>(), expected, 1e-8) << name << " " << i;
    }
  }
}

// A first spike at t gets -dL/dt, which autograd knows of the formula in t.
TEST(Loss, PassesTheGradientOfFirstSpikesToTheirSteps) {
  torch::manual_seed(1);
  constexpr std::int64_t kSteps = 6;
  const Tensor drawn = torch::rand({kSteps, 3, 4}, torch::kDouble).gt(0.8).to(torch::kDouble);
  const Tensor targets = torch::tensor({0, 2, 3}, torch::kLong);
  const Tensor times = first_spike_times(drawn).clone().requires_grad_();
  const Tensor wanted =
      torch::full_like(times, kSteps - 1.0).detach().scatter_(1, targets.unsqueeze(1), 1.0);
  namespace F = torch::nn::functional;
  const std::pair<Loss, Tensor> cases[] = {
      {Loss::ce_temporal(), F::cross_entropy(times.neg(), targets)},
      {Loss::ce_temporal(true), F::cross_entropy(1 / (times + 1), targets)},
      {Loss::mse_temporal(1, -1), F::mse_loss(times / kSteps, wanted / kSteps)}};
  for (const auto& [loss, value] : cases) {
    const Tensor of_times = torch::autograd::grad({value}, {times})[0];
    const Tensor copy = drawn.clone().requires_grad_();
    compute_loss(loss, copy, copy, targets).backward();
    Tensor expected = torch::zeros_like(drawn);
    for (std::int64_t b = 0; b < 3; ++b) {
      for (std::int64_t c = 0; c < 4; ++c) {
        const auto t = times[b][c].item<std::int64_t>();
        EXPECT_TRUE(t == kSteps - 1 || drawn[t][b][c].item<double>() == 1);
        expected[t][b][c] = -of_times[b][c];
      }
    }
    EXPECT_TRUE(torch::allclose(copy.grad(), expected)) << to_string(loss);
  }
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
  const Tensor times = first_spike_times(counts);
  for (const auto& [decision, name] : Names<Decision>::table) {
    const Tensor predicted = predict(counts, sums, decision);
    for (std::int64_t i = 0; i < 500; ++i) {
      const auto row = [&](const Tensor& all) {
        return std::span<const float>(all.data_ptr<float>() + 5 * i, 5);
      };
      ASSERT_EQ(decide(decision, {row(counts), row(sums), row(times)}),
                predicted[i].item<std::int64_t>())
          << name << ", sample " << i;
    }
  }
}

TEST(AccuracyTemporal, IsTheShareOfFirstSpikesOfTheTarget) {
  EXPECT_EQ(accuracy_temporal(spikes(), torch::tensor({0, 2}, torch::kLong)), 0.5);
  EXPECT_EQ(accuracy_temporal(spikes(), torch::tensor({0, 1}, torch::kLong)), 1.0);
}

TEST(AccuracyRate, IsTheShareOfRightPredictions) {
  EXPECT_EQ(accuracy_rate(spikes(), torch::tensor({0, 2}, torch::kLong)), 0.5);
}

}  // namespace
}  // namespace snn
