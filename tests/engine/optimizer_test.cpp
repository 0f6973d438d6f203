#include "engine/optimizer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>

namespace snn {
namespace {

using torch::Tensor;

// Compares ten steps of our optimizer with LibTorch's, on the sum of x^4 / 4, whose gradient is
// x^3.
void expect_as_libtorch(const OptimizerOptions& options,
                        const std::function<std::unique_ptr<torch::optim::Optimizer>(Tensor)>& make,
                        double clip = 0) {
  const Tensor start = torch::linspace(-2, 3, 12).reshape({3, 4});
  Tensor ours = start.clone(), theirs = start.clone().requires_grad_();
  Optimizer optimizer(options, {{"x", ours}});
  const auto reference = make(theirs);
  for (int step = 0; step < 10; ++step) {
    const std::vector<Tensor> gradients = {ours.pow(3)};
    optimizer.step(gradients, 0.05, norm_of(gradients).item<double>());
    theirs.mutable_grad() = theirs.detach().pow(3);
    if (clip > 0) torch::nn::utils::clip_grad_norm_({theirs}, clip);
    reference->step();
  }
  EXPECT_EQ(optimizer.step_count, 10);
  EXPECT_TRUE(torch::allclose(ours, theirs.detach(), 1e-5, 1e-6)) << ours << theirs;
  EXPECT_FALSE(torch::allclose(ours, start));
}

std::unique_ptr<torch::optim::Optimizer> adam(Tensor x, double weight_decay) {
  return std::make_unique<torch::optim::Adam>(
      std::vector<Tensor>{x}, torch::optim::AdamOptions(0.05).weight_decay(weight_decay));
}

TEST(Optimizer, AdamIsLibTorchs) {
  expect_as_libtorch({.kind = OptimizerKind::kAdam}, [](Tensor x) { return adam(x, 0); });
}

TEST(Optimizer, AdamAddsWeightDecayToTheGradient) {
  expect_as_libtorch({.kind = OptimizerKind::kAdam, .weight_decay = 0.1},
                     [](Tensor x) { return adam(x, 0.1); });
}

TEST(Optimizer, AdamWDecouplesWeightDecay) {
  expect_as_libtorch({.kind = OptimizerKind::kAdamW, .weight_decay = 0.1}, [](Tensor x) {
    return std::make_unique<torch::optim::AdamW>(
        std::vector<Tensor>{x}, torch::optim::AdamWOptions(0.05).weight_decay(0.1));
  });
}

TEST(Optimizer, SgdIsLibTorchs) {
  for (const double momentum : {0.0, 0.9}) {
    expect_as_libtorch({.kind = OptimizerKind::kSgd, .momentum = momentum, .weight_decay = 0.01},
                       [&](Tensor x) {
                         return std::make_unique<torch::optim::SGD>(
                             std::vector<Tensor>{x},
                             torch::optim::SGDOptions(0.05).momentum(momentum).weight_decay(0.01));
                       });
  }
}

TEST(Optimizer, ClipsGradientsToTheirNorm) {
  expect_as_libtorch(
      {.kind = OptimizerKind::kSgd, .clip_grad_norm = 1.5},
      [](Tensor x) {
        return std::make_unique<torch::optim::SGD>(std::vector<Tensor>{x},
                                                   torch::optim::SGDOptions(0.05));
      },
      1.5);
}

TEST(Optimizer, LeavesParametersWithoutAGradientAlone) {
  const Tensor x = torch::ones({2}), y = torch::ones({2});
  Optimizer optimizer({}, {{"x", x}, {"y", y}});
  optimizer.step({Tensor(), torch::ones({2})}, 0.1, 1);
  EXPECT_TRUE(torch::equal(x, torch::ones({2})));
  EXPECT_FALSE(torch::equal(y, torch::ones({2})));
}

TEST(Optimizer, NamesItsMoments) {
  const auto names = [](const OptimizerOptions& options) {
    std::vector<std::string> all;
    Optimizer optimizer(options, {{"fc1.weight", torch::ones({2})}});
    for (const auto& [name, moment] : optimizer.moments()) all.push_back(name);
    return all;
  };
  EXPECT_EQ(names({}), std::vector<std::string>({"exp_avg.fc1.weight", "exp_avg_sq.fc1.weight"}));
  EXPECT_EQ(names({.kind = OptimizerKind::kSgd, .momentum = 0.9}),
            std::vector<std::string>({"momentum_buffer.fc1.weight"}));
  EXPECT_TRUE(names({.kind = OptimizerKind::kSgd}).empty());
}

TEST(NormOf, CoversAllGradientsTogether) {
  EXPECT_FLOAT_EQ(norm_of({torch::full({1}, 3.0F), Tensor(), torch::full({1}, 4.0F)}).item<float>(),
                  5);
}

}  // namespace
}  // namespace snn
