#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>

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

// The gradient of `loss` with respect to its input; the other output must get no gradient, or
// zeros.
Tensor gradient_of(const Tensor& loss, const Output& output, bool is_of_membrane) {
  const auto gradients = torch::autograd::grad({loss}, {output.spikes, output.membrane}, {},
                                               /*retain_graph=*/{},
                                               /*create_graph=*/false, /*allow_unused=*/true);
  const Tensor& other = gradients[is_of_membrane ? 0 : 1];
  EXPECT_TRUE(!other.defined() || other.count_nonzero().item<std::int64_t>() == 0);
  return gradients[is_of_membrane ? 1 : 0];
}

TEST(FusedLoss, EqualsComputeLoss) {
  torch::manual_seed(1);
  const struct {
    Loss loss;
    bool is_of_membrane;
  } losses[] = {{Loss::ce_membrane(), true},        {Loss::ce_rate(), false},
                {Loss::ce_count(), false},          {Loss::ce_max_membrane(), true},
                {Loss::mse_count(0.8, 0.2), false}, {Loss::mse_membrane(1.5, 0.1), true}};
  const std::int64_t shapes[][3] = {{25, 40, 10}, {1, 1, 2}, {7, 3, 16}, {5, 33, 70}};
  for (const auto& [loss, is_of_membrane] : losses) {
    for (const auto& [steps, samples, classes] : shapes) {
      const std::string text = to_string(loss) + " of " + std::to_string(classes) + " classes";
      const Output output = random_output(steps, samples, classes);
      const Tensor targets = torch::randint(classes, {samples}, torch::kLong);
      // The factor tests that operations after the loss enter its gradient.
      const Tensor expected = 3 * compute_loss(loss, output.spikes, output.membrane, targets);
      const Tensor found = 3 * fused_loss(loss, output.spikes, output.membrane, targets);
      EXPECT_EQ(found.dim(), 0);
      // The sums of some hundred terms are taken in a different order.
      EXPECT_NEAR(found.item<double>() / expected.item<double>(), 1, 1e-5) << text;
      const Tensor expected_gradient = gradient_of(expected, output, is_of_membrane);
      const Tensor found_gradient = gradient_of(found, output, is_of_membrane);
      EXPECT_LT((found_gradient - expected_gradient).norm().item<double>(),
                1e-5 * expected_gradient.norm().item<double>())
          << text;
    }
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
