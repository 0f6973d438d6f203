#include "snn/network/synapses/dropout.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "network/synapses/dropout_draws.h"
#include "snn/network/network.h"
#include "snn/network/neurons/leaky.h"
#include "snn/network/synapses/linear.h"
#include "snn/numeric/random.h"

namespace snn {
namespace {

using torch::Tensor;

Pass training(std::uint64_t seed = 1, std::uint64_t epoch = 1) {
  Pass pass;
  pass.is_training = true;
  pass.seed = seed;
  pass.epoch = epoch;
  return pass;
}

std::vector<std::uint8_t> draws(const DropoutSpec& spec, const Seeds& seeds, const Pass& pass,
                                std::int64_t place, std::int64_t step, std::int64_t first,
                                std::size_t count) {
  std::vector<std::uint8_t> kept(count);
  draw_kept(spec, seeds, pass, place, step, /*width=*/1000, first, kept);
  return kept;
}

TEST(Dropout, KeepsEachValueWithProbabilityOneMinusP) {
  for (const double p : {0.0, 0.1, 0.5, 0.9}) {
    const auto kept = draws({p}, {}, {}, 0, 0, 0, 100'000);
    const double share = std::accumulate(kept.begin(), kept.end(), 0.0) / 1e5;
    // Four standard deviations of a binomial distribution.
    EXPECT_NEAR(share, 1 - p, 4 * std::sqrt(p * (1 - p) / 1e5)) << p;
  }
}

TEST(Dropout, DrawsByEveryKeyAndNeuronAlone) {
  const DropoutSpec spec{0.5, true};
  const Pass pass = training(3, 2);
  const auto whole = draws(spec, {3, 1}, pass, 4, 5, 0, 1000);
  for (const std::int64_t first : {1, 2, 3, 4, 64, 129}) {
    const std::vector<std::uint8_t> rest(whole.begin() + first, whole.end());
    EXPECT_EQ(draws(spec, {3, 1}, pass, 4, 5, first, rest.size()), rest) << first;
  }
  const std::uint32_t numbers[] = {9, 8, 7, 6, 4};
  Pass named = pass;
  named.samples = numbers;
  EXPECT_EQ(draws(spec, {3, 1}, named, 4, 5, 0, 1000), whole) << "its number is its place";
  Pass seed = pass, epoch = pass;
  seed.seed = 4;
  epoch.epoch = 3;
  EXPECT_NE(draws(spec, {3, 1}, seed, 4, 5, 0, 1000), whole);
  EXPECT_NE(draws(spec, {3, 1}, epoch, 4, 5, 0, 1000), whole);
  EXPECT_NE(draws(spec, {3, 1}, named, 0, 5, 0, 1000), whole);
  EXPECT_NE(draws(spec, {3, 1}, pass, 4, 6, 0, 1000), whole);
  EXPECT_NE(draws(spec, {3, 2}, pass, 4, 5, 0, 1000), whole);
  EXPECT_NE(draws(spec, {3, 1, 2}, pass, 4, 5, 0, 1000), whole);
}

TEST(Dropout, DrawsTheNumbersOfAStream) {
  const DropoutSpec spec{0.25, true};
  RandomStream random(3, Purpose::kDropout, 2, 4, 256 + 1);
  random.seek(5 * 1000 + 17);
  for (const std::uint8_t kept : draws(spec, {3, 1, 1}, training(3, 2), 4, 5, 17, 300)) {
    EXPECT_EQ(kept, random.bits() >= 1U << 30 ? 1 : 0);
  }
}

TEST(Dropout, DropsANeuronAtAllStepsOfASampleAndScalesTheOthers) {
  Dropout dropout(DropoutSpec{0.25}, Seeds{1, 1});
  const Pass pass = training();
  const Tensor ones = torch::ones({6, 2, 50});
  const Sequence dropped = dropout->forward(Sequence::varying(ones), pass);
  const Tensor values = dropped.values(), kept = values.ne(0);
  EXPECT_TRUE(torch::equal(values, kept.to(torch::kFloat) * (1 / 0.75F)));
  EXPECT_TRUE(torch::equal(kept[0].expand({6, 2, 50}), kept));
  EXPECT_FALSE(torch::equal(kept[0][0], kept[0][1]));
  EXPECT_FALSE(kept.all().item<bool>());
  const Sequence constant = dropout->forward(Sequence::constant(ones[0], 6), pass);
  EXPECT_TRUE(constant.is_constant());
  EXPECT_TRUE(torch::equal(constant.values(), values[0])) << "the same draws";
}

TEST(Dropout, DrawsAtEachStepIfAsked) {
  Dropout dropout(DropoutSpec{0.5, true});
  const Pass pass = training();
  const Tensor ones = torch::ones({3, 2, 50});
  const Tensor values = dropout->forward(Sequence::varying(ones), pass).values();
  EXPECT_FALSE(torch::equal(values[0], values[1]));
  EXPECT_FALSE(torch::equal(values[1], values[2]));
  const Sequence constant = dropout->forward(Sequence::constant(ones[0], 3), pass);
  EXPECT_TRUE(torch::equal(constant.values(), values));
}

TEST(Dropout, PassesEverythingOnInEvaluation) {
  Dropout dropout(DropoutSpec{0.9});
  const Tensor values = torch::rand({3, 2, 50});
  EXPECT_TRUE(torch::equal(dropout->forward(Sequence::varying(values), {}).values(), values));
}

TEST(Dropout, ChangesNeitherTheInitialWeightsNorTheirNames) {
  NetworkSpec spec{{7}, {{LinearSpec{20}, LeakyOptions()}, {LinearSpec{4}, LeakyOptions()}}};
  const auto plain = Network(spec)->named_parameters();
  spec.layers[1].synapse = {DropoutSpec{0.3}, LinearSpec{4}};
  EXPECT_EQ(layers_from_json(layers_to_json(spec.layers)), spec.layers);
  const Network network(spec);
  EXPECT_EQ(network->named_parameters().keys(), plain.keys());
  for (const auto& item : network->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), plain[item.key()])) << item.key();
  }
}

// Two layers by hand, the state detached at multiples of 3.
TEST(TruncatedBackpropagation, DetachesTheStateAtTheStartOfEachWindow) {
  const NetworkSpec spec{{5},
                         {{LinearSpec{12}, LeakyOptions(0.9).threshold(0.2).learn_beta(true)},
                          {LinearSpec{3}, LeakyOptions(0.8).learn_beta(true)}}};
  constexpr std::int64_t kSteps = 8, kWindow = 3;
  Network network(spec);
  const Tensor input = torch::rand({kSteps, 2, 5});
  const auto parameters = network->parameters();
  const auto gradients = [&](const Tensor& membrane) {
    return torch::autograd::grad({membrane.square().sum()}, parameters);
  };
  const auto by_window = [&](std::int64_t window) {
    Pass pass;
    pass.window = window;
    return gradients(network->forward(Sequence::varying(input), pass).membrane);
  };

  const auto module = [&](const std::string& name) { return network->named_children()[name]; };
  const auto &fc1 = *module("fc1")->as<Linear>(), &fc2 = *module("fc2")->as<Linear>();
  const auto &lif1 = *module("lif1")->as<Leaky>(), &lif2 = *module("lif2")->as<Leaky>();
  State first = {torch::zeros({2, 12})}, second = {torch::zeros({2, 3})};
  std::vector<Tensor> membranes;
  for (std::int64_t t = 0; t < kSteps; ++t) {
    if (t % kWindow == 0) {
      first = {first.back().detach()};
      second = {second.back().detach()};
    }
    const StepResult hidden =
        lif1.step(torch::nn::functional::linear(input[t], fc1.weight, fc1.bias), first);
    first = hidden.state;
    second =
        lif2.step(torch::nn::functional::linear(hidden.spikes, fc2.weight, fc2.bias), second).state;
    membranes.push_back(second.back());
  }
  const auto expected = gradients(torch::stack(membranes)), found = by_window(kWindow);
  const auto whole = by_window(0), as_long = by_window(kSteps);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_TRUE(torch::allclose(found[i], expected[i], 1e-5, 1e-6)) << i;
    EXPECT_FALSE(torch::allclose(found[i], whole[i], 1e-3, 1e-4)) << i;
    EXPECT_TRUE(torch::equal(as_long[i], whole[i])) << i;
  }
}

}  // namespace
}  // namespace snn
