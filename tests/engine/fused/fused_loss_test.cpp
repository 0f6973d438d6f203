#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <string>
#include <vector>

#include "snn/engine/fused.h"
#include "snn/network/loss.h"
#include "snn/text/error.h"

namespace snn {
namespace {

using torch::Tensor;

struct Output {
  Tensor spikes, membrane;  // (T,B,C)
};

Output random_output(std::int64_t steps, std::int64_t samples, std::int64_t classes) {
  Output output;
  output.membrane = 3 * torch::randn({steps, samples, classes});
  output.spikes = output.membrane.gt(1).to(torch::kFloat);
  output.spikes.requires_grad_();
  output.membrane.requires_grad_();
  return output;
}

// The gradients of spikes and membrane; zeros where there is none.
std::vector<Tensor> gradients_of(const Tensor& loss, const Output& output) {
  auto gradients = torch::autograd::grad({loss}, {output.spikes, output.membrane}, {},
                                         /*retain_graph=*/{},
                                         /*create_graph=*/false, /*allow_unused=*/true);
  for (Tensor& gradient : gradients) {
    if (!gradient.defined()) gradient = torch::zeros_like(output.spikes);
  }
  return gradients;
}

// 1e-5: sums of some hundred terms in another order.
void expect_equal(const Loss& loss, std::int64_t steps, std::int64_t samples,
                  std::int64_t class_count, const Classes& classes, Simd simd = Simd::kAuto) {
  const std::string text = to_string(loss) + " of " + std::to_string(class_count) + " classes of " +
                           std::to_string(classes.population);
  const Output output = random_output(steps, samples, class_count * classes.population);
  const Tensor targets = torch::randint(class_count, {samples}, torch::kLong);
  // A factor, to see that what follows the loss goes into its gradient.
  const Tensor expected = 3 * compute_loss(loss, output.spikes, output.membrane, targets, classes);
  const Tensor found = 3 * fused_loss(loss, output.spikes, output.membrane, targets, simd, classes);
  EXPECT_EQ(found.dim(), 0);
  EXPECT_NEAR(found.item<double>(), expected.item<double>(), 1e-5 * expected.item<double>())
      << text;
  const auto expected_gradients = gradients_of(expected, output);
  const auto found_gradients = gradients_of(found, output);
  double largest = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const double norm = expected_gradients[i].norm().item<double>();
    largest = std::max(largest, norm);
    EXPECT_LE((found_gradients[i] - expected_gradients[i]).norm().item<double>(), 1e-5 * norm)
        << text << (i == 0 ? ", spikes" : ", membrane");
  }
  EXPECT_GT(largest, 0) << text;
}

const std::vector<Loss> kLosses = {Loss::ce_membrane(),
                                   Loss::ce_membrane(0.2),
                                   Loss::ce_rate(),
                                   Loss::ce_rate(0.1),
                                   Loss::ce_count(),
                                   Loss::ce_count(0.3),
                                   Loss::ce_max_membrane(),
                                   Loss::ce_max_membrane(0.1),
                                   Loss::ce_sum_membrane(),
                                   Loss::ce_mean_softmax(),
                                   Loss::ce_mean_softmax(0.2),
                                   Loss::ce_temporal(),
                                   Loss::ce_temporal(true),
                                   Loss::ce_temporal(true, 0.1),
                                   Loss::mse_count(0.8, 0.2),
                                   Loss::mse_rate(0.7, 0.05),
                                   Loss::mse_membrane(1.5, 0.1),
                                   Loss::mse_temporal(1, -2),
                                   Loss::mse_temporal(0, -1, 1.5)};

TEST(FusedLoss, EqualsComputeLoss) {
  torch::manual_seed(1);
  const std::int64_t shapes[][3] = {{25, 40, 10}, {3, 5, 2}, {7, 3, 16}, {5, 33, 70}};
  std::vector<Loss> losses = kLosses;
  losses.push_back(Loss::ce_rate() + 0.1 * Loss::mse_count(0.8) + 2 * Loss::ce_sum_membrane());
  losses.push_back(3 * Loss::ce_count());
  losses.push_back(Loss::mse_membrane() + Loss::ce_max_membrane(0.1));
  for (const Loss& loss : losses) {
    for (const auto& [steps, samples, classes] : shapes) {
      for (const Simd simd : {Simd::kAuto, Simd::kGeneric}) {
        expect_equal(loss, steps, samples, classes, {}, simd);
      }
    }
  }
}

TEST(FusedLoss, KnowsPopulationsAndClassWeights) {
  torch::manual_seed(2);
  for (const Loss& loss : kLosses) {
    expect_equal(loss, 9, 12, 4, {5, {}});
    expect_equal(loss, 9, 12, 4, {1, {0.5, 2, 1, 3}});
    expect_equal(loss + 0.3 * Loss::ce_count(), 9, 12, 4, {3, {0.5, 2, 1, 3}});
  }
}

TEST(FusedLoss, TakesTensorsOfAnyLayout) {
  const Tensor membrane = torch::randn({4, 6, 5}).transpose(0, 1);  // (6,4,5), not contiguous
  const Tensor targets = torch::tensor({0, 9, 1, 9, 2, 9, 3, 9}, torch::kLong).slice(0, 0, 8, 2);
  const Loss loss = Loss::ce_membrane();
  EXPECT_NEAR(fused_loss(loss, membrane, membrane, targets).item<double>(),
              compute_loss(loss, membrane, membrane, targets).item<double>(), 1e-4);
}

TEST(FusedLoss, RefusesWhatDoesNotFit) {
  const Tensor values = torch::zeros({5, 2, 3});
  const Loss loss = Loss::ce_rate();
  const auto run = [&](const Tensor& of, const std::vector<std::int64_t>& targets) {
    fused_loss(loss, of, of, torch::tensor(targets, torch::kLong));
  };
  run(values, {0, 2});
  EXPECT_THROW(run(values, {0, 3}), c10::Error);
  EXPECT_THROW(run(values, {-1, 2}), c10::Error);
  EXPECT_THROW(run(values, {0, 1, 2}), c10::Error);
  EXPECT_THROW(run(values.to(torch::kDouble), {0, 1}), c10::Error);
  EXPECT_THROW(run(torch::zeros({5, 3}), {0, 1, 2}), c10::Error);
}

}  // namespace
}  // namespace snn
