#include "snn/network/synapses/delay.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "snn/network/network.h"
#include "snn/network/synapses.h"
#include "snn/text/error.h"

namespace snn {
namespace {

using torch::Tensor;

const Pass kTraining{.is_training = true, .samples = {}},
    kEvaluation{.is_training = false, .samples = {}};

// A module in double precision with the delays `delays`, in steps.
template <class Module>
Module with_delays(Module module, const Tensor& delays) {
  module->to(torch::kDouble);
  const torch::NoGradGuard no_grad;
  module->delay.copy_(delays / static_cast<double>(module->spec.max_delay));
  return module;
}

Tensor doubles(const std::vector<double>& values) { return torch::tensor(values, torch::kDouble); }

// One sample of two inputs over four steps, (T,1,2).
Tensor two_inputs() { return doubles({1, 10, 2, 20, 3, 30, 4, 40}).view({4, 1, 2}); }

TEST(Delay, ShiftsEachInputByItsDelay) {
  Delay delay = with_delays(Delay(DelaySpec{3}, 2), doubles({1, 3}));
  const Tensor expected = doubles({0, 0, 1, 0, 2, 0, 3, 10}).view({4, 1, 2});
  for (const Pass& pass : {kTraining, kEvaluation}) {
    EXPECT_TRUE(
        torch::allclose(delay->forward(Sequence::varying(two_inputs()), pass).values(), expected));
  }
}

TEST(Delay, SharesAFractionInTrainingAndRoundsItInEvaluation) {
  Delay delay = with_delays(Delay(DelaySpec{3}, 2), doubles({0.25, 1.75}));
  const Sequence input = Sequence::varying(two_inputs());
  const Tensor shared = doubles({0.75, 0, 1.75, 2.5, 2.75, 12.5, 3.75, 22.5}).view({4, 1, 2});
  EXPECT_TRUE(torch::allclose(delay->forward(input, kTraining).values(), shared));
  const Tensor rounded = doubles({1, 0, 2, 0, 3, 10, 4, 20}).view({4, 1, 2});
  EXPECT_TRUE(torch::equal(delay->forward(input, kEvaluation).values(), rounded));
}

TEST(Delay, DelaysTheBeginningOfAConstantInput) {
  Delay delay = with_delays(Delay(DelaySpec{3}, 2), doubles({0, 2}));
  const Sequence output =
      delay->forward(Sequence::constant(doubles({5, 7}).view({1, 2}), 3), kTraining);
  EXPECT_TRUE(torch::equal(output.values(), doubles({5, 0, 5, 0, 5, 7}).view({3, 1, 2})));
}

TEST(Delay, KeepsTheShapeOfItsInput) {
  Delay delay(DelaySpec{2}, 6);
  EXPECT_EQ(
      delay->forward(Sequence::varying(torch::rand({4, 5, 2, 3})), kTraining).values().sizes(),
      (std::vector<std::int64_t>{4, 5, 2, 3}));
}

TEST(Delay, ADelayOutsideItsRangeIsTheNearestInsideAndHasAGradient) {
  Delay delay = with_delays(Delay(DelaySpec{2}, 2), doubles({-0.4, 2.6}));
  const Tensor output = delay->forward(Sequence::varying(two_inputs()), kTraining).values();
  EXPECT_TRUE(torch::equal(output, doubles({1, 0, 2, 0, 3, 10, 4, 20}).view({4, 1, 2})));
  output.sum().backward();
  EXPECT_TRUE((delay->delay.grad() != 0).all().item<bool>());
}

// Inside the pieces between whole steps the output is linear in a delay: a central difference is
// its derivative but for rounding.
template <class Module>
void expect_gradient_of_delays(Module module) {
  torch::manual_seed(3);
  const Sequence input = Sequence::varying(torch::rand({6, 4, 3}, torch::dtype(torch::kDouble)));
  const auto loss = [&] {
    const Tensor output = module->forward(input, kTraining).values();
    const Tensor factors = torch::arange(output.numel(), torch::kDouble).cos().view_as(output);
    return (output * factors).sum();
  };
  loss().backward();
  const Tensor gradient = module->delay.grad().flatten();
  ASSERT_GT(gradient.abs().min().item<double>(), 0);
  const torch::NoGradGuard no_grad;
  const Tensor flat = module->delay.view({-1});
  constexpr double kStep = 1e-6;
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    const double value = flat[i].template item<double>();
    flat[i] = value + kStep;
    const double above = loss().template item<double>();
    flat[i] = value - kStep;
    const double below = loss().template item<double>();
    flat[i] = value;
    EXPECT_NEAR((above - below) / (2 * kStep), gradient[i].template item<double>(), 1e-7) << i;
  }
}

TEST(Delay, HasTheGradientOfItsInterpolation) {
  expect_gradient_of_delays(with_delays(Delay(DelaySpec{4}, 3), doubles({0.3, 1.6, 3.2})));
}

TEST(DelayedLinear, HasTheGradientOfItsInterpolation) {
  expect_gradient_of_delays(
      with_delays(DelayedLinear(DelayedLinearSpec{.outputs = 2, .max_delay = 4}, 3),
                  doubles({0.3, 1.6, 3.2, 2.7, 0.6, 1.2}).view({2, 3})));
}

// The sum of the header, term by term.
Tensor delayed_sum(const DelayedLinear& module, const Tensor& x, const Tensor& delays) {
  const std::int64_t steps = x.size(0), samples = x.size(1);
  Tensor result = torch::zeros({steps, samples, module->spec.outputs}, torch::kDouble);
  for (std::int64_t t = 0; t < steps; ++t) {
    for (std::int64_t j = 0; j < module->spec.outputs; ++j) {
      Tensor sum = module->bias[j] * torch::ones(samples, torch::kDouble);
      for (std::int64_t i = 0; i < module->inputs; ++i) {
        for (std::int64_t k = 0; k <= std::min(t, module->spec.max_delay); ++k) {
          const double distance = std::abs(static_cast<double>(k) - delays[j][i].item<double>());
          sum = sum + module->weight[j][i] * std::max(0.0, 1 - distance) * x[t - k].select(1, i);
        }
      }
      result[t].select(1, j).copy_(sum);
    }
  }
  return result;
}

TEST(DelayedLinear, IsTheSumOfDelayedInputs) {
  torch::manual_seed(4);
  const torch::NoGradGuard no_grad;
  const Tensor delays = doubles({0, 1.25, 3, 2.6, 0.4, 2}).view({2, 3});
  DelayedLinear module =
      with_delays(DelayedLinear(DelayedLinearSpec{.outputs = 2, .max_delay = 3}, 3), delays);
  const Tensor x = torch::rand({7, 5, 3}, torch::kDouble);
  EXPECT_TRUE(torch::allclose(module->forward(Sequence::varying(x), kTraining).values(),
                              delayed_sum(module, x, delays)));
  EXPECT_TRUE(torch::allclose(module->forward(Sequence::varying(x), kEvaluation).values(),
                              delayed_sum(module, x, delays.round())));
}

TEST(DelayedLinear, WithoutDelaysIsLinear) {
  torch::manual_seed(5);
  const torch::NoGradGuard no_grad;
  DelayedLinear module =
      with_delays(DelayedLinear(DelayedLinearSpec{.outputs = 4, .max_delay = 2}, 3),
                  torch::zeros({4, 3}, torch::kDouble));
  const Tensor x = torch::rand({5, 2, 3}, torch::kDouble);
  EXPECT_TRUE(torch::allclose(module->forward(Sequence::varying(x), kTraining).values(),
                              torch::nn::functional::linear(x, module->weight, module->bias)));
}

TEST(GradedSpikes, MultipliesEachInputByItsFactor) {
  GradedSpikes graded(GradedSpikesSpec{.factor = 2}, 2);
  {
    const torch::NoGradGuard no_grad;
    graded->weights[1] = 3;
  }
  const Tensor x = torch::tensor({1.0F, 0.0F, 0.0F, 1.0F}).view({2, 1, 2});
  const Tensor y = graded->forward(Sequence::varying(x), kTraining).values();
  EXPECT_TRUE(torch::equal(y, torch::tensor({2.0F, 0.0F, 0.0F, 3.0F}).view({2, 1, 2})));
  y.sum().backward();
  EXPECT_TRUE(torch::equal(graded->weights.grad(), torch::ones(2)));
  EXPECT_TRUE(graded->forward(Sequence::constant(x[0], 9), kTraining).is_constant());
}

TEST(GradedSpikes, DrawsFactorsFromAHalfToThreeHalves) {
  const Tensor drawn = GradedSpikes(GradedSpikesSpec{}, 1000)->weights.detach();
  EXPECT_GE(drawn.min().item<float>(), 0.5F);
  EXPECT_LE(drawn.max().item<float>(), 1.5F);
  EXPECT_NEAR(drawn.mean().item<float>(), 1, 0.05);  // 5 standard errors of 0.29 / sqrt(1000)
}

TEST(NetworkWithDelays, LearnsItsDelays) {
  Network network(NetworkSpec{
      {3},
      {{std::vector<SynapseSpec>{DelaySpec{4}, GradedSpikesSpec{}, LinearSpec{5}}, LeakyOptions()},
       {DelayedLinearSpec{.outputs = 2, .max_delay = 3}, LeakyOptions()}}});
  const auto output = network->forward(torch::rand({8, 3}) * 5, 10, kTraining);
  output.membrane.sum().backward();
  const auto parameters = network->named_parameters();
  for (const char* name : {"delay1.delay", "graded1.weights", "fc2.delay"}) {
    ASSERT_TRUE(parameters.contains(name)) << name;
    EXPECT_GT(parameters[name].grad().abs().sum().item<double>(), 0) << name;
  }
  EXPECT_EQ(parameter_count(network->spec), [&] {
    std::int64_t count = 0;
    for (const auto& parameter : parameters) count += parameter.value().numel();
    return count;
  }());
}

TEST(NetworkWithDelays, OperationsThatShareAModuleNameAreNumbered) {
  const NetworkSpec spec{
      {3},
      {{std::vector<SynapseSpec>{LinearSpec{5}, DelayedLinearSpec{.outputs = 2, .max_delay = 3}},
        LeakyOptions()}}};
  EXPECT_EQ(synapse_name(spec, 0, 0), "fc1");
  EXPECT_EQ(synapse_name(spec, 0, 1), "fc1_2");
}

TEST(NetworkWithDelays, AreStatedInJson) {
  const std::string text =
      R"([{"delay": {"max-delay": 4}, "linear": {"outputs": 3}, "leaky": {}},)"
      R"( {"delayed-linear": {"outputs": 2, "max-delay": 5, "learn-delay": false}, "leaky": {}}])";
  const std::vector<LayerSpec> layers = layers_from_json(text);
  EXPECT_EQ(layers_from_json(layers_to_json(layers)), layers);
  EXPECT_EQ(std::get<DelaySpec>(layers[0].synapse[0]), DelaySpec{4});
  EXPECT_FALSE(std::get<DelayedLinearSpec>(layers[1].synapse[0]).learn_delay);
  EXPECT_THROW(layers_from_json(R"([{"delay": {"max-delay": 0}, "linear": {"outputs": 3}}])"),
               Error);
  EXPECT_THROW(layers_from_json(R"([{"delay": {}, "linear": {"outputs": 3}}])"), Error);
}

}  // namespace
}  // namespace snn
