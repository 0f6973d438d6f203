#include "snn/network/network.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <sstream>

#include "snn/network/neurons/leaky.h"
#include "snn/text/error.h"

namespace snn {
namespace {

using torch::Tensor;

NetworkSpec spec_of(const std::vector<std::int64_t>& widths) {
  NetworkSpec spec{{1, 2, 3}, {}};
  for (const std::int64_t width : widths)
    spec.layers.push_back({LinearSpec{width}, LeakyOptions()});
  return spec;
}

TEST(Network, NamesItsTensorsAsSnnTorchsUsersDo) {
  Network network(spec_of({4, 2}));
  EXPECT_EQ(network->named_parameters().keys(),
            std::vector<std::string>({"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}));
  EXPECT_TRUE(network->named_buffers().contains("lif2.beta"));
  EXPECT_EQ(network->named_parameters()["fc1.weight"].sizes(), torch::IntArrayRef({4, 6}));
}

TEST(Network, StartsFromUniformWeightsFixedBySeedAndLayer) {
  Network network(spec_of({100, 100}), 1);
  const auto parameters = network->named_parameters();
  const double bound = 1 / std::sqrt(6.0);
  const Tensor weight = parameters["fc1.weight"];
  EXPECT_LE(weight.abs().max().item<double>(), bound);
  EXPECT_GT(weight.abs().max().item<double>(), 0.95 * bound);
  // The tolerance is six standard deviations of the mean of 600 uniform values.
  EXPECT_NEAR(weight.mean().item<double>(), 0, 6 * bound / std::sqrt(3.0 * 600));
  EXPECT_LE(parameters["fc2.weight"].abs().max().item<double>(), 0.1);

  const auto same = Network(spec_of({100, 100}), 1)->named_parameters();
  const auto other = Network(spec_of({100, 100}), 2)->named_parameters();
  const auto deeper = Network(spec_of({100, 100, 5}), 1)->named_parameters();
  EXPECT_TRUE(torch::equal(same["fc2.bias"], parameters["fc2.bias"]));
  EXPECT_FALSE(torch::equal(other["fc2.bias"], parameters["fc2.bias"]));
  EXPECT_TRUE(torch::equal(deeper["fc2.bias"], parameters["fc2.bias"]));
}

TEST(Network, ChainsOperations) {
  NetworkSpec spec{{2, 3},
                   {{std::vector<SynapseSpec>{LinearSpec{4}, LinearSpec{4}}, ReluOptions{}}}};
  Network network(spec);
  const auto parameters = network->named_parameters();
  ASSERT_EQ(parameters.keys(),
            std::vector<std::string>({"fc1.weight", "fc1.bias", "fc1_2.weight", "fc1_2.bias"}));
  EXPECT_FALSE(torch::equal(parameters["fc1.bias"] / parameters["fc1.bias"][0],
                            parameters["fc1_2.bias"] / parameters["fc1_2.bias"][0]));
  const Tensor input = torch::linspace(-1, 1, 12).reshape({2, 2, 3});
  const Tensor between = torch::nn::functional::linear(input.flatten(1), parameters["fc1.weight"],
                                                       parameters["fc1.bias"]);
  const Tensor expected =
      torch::nn::functional::linear(between, parameters["fc1_2.weight"], parameters["fc1_2.bias"]);
  const NetworkOutput output = network->forward(input, /*steps=*/3);
  EXPECT_TRUE(torch::allclose(output.membrane, expected.expand({3, 2, 4})));
}

// The first values of seed 1 detect a change of the random streams, which would break the resuming
// of old checkpoints.
TEST(Network, KeepsItsInitialWeightsAcrossVersions) {
  const Tensor weight = Network(spec_of({4}), 1)->named_parameters()["fc1.weight"].flatten();
  const Tensor bias = Network(spec_of({4}), 1)->named_parameters()["fc1.bias"];
  // philox({0, weights, 0, which}, seed 1) >> 8, times 2^-24, stretched to (-1, 1) / sqrt(6).
  EXPECT_TRUE(torch::allclose(weight.slice(0, 0, 3),
                              torch::tensor({0.01036529, -0.29865383, -0.29607555}), 0, 1e-7))
      << weight;
  EXPECT_TRUE(
      torch::allclose(bias.slice(0, 0, 2), torch::tensor({0.23847715, 0.06255027}), 0, 1e-7))
      << bias;
}

TEST(Network, TreatsAConstantInputAsTheSameInputAtEveryStep) {
  Network network(spec_of({5, 3}));
  const Tensor image = torch::rand({4, 1, 2, 3}) * 3;
  const auto once = network->forward(image, 7);
  const auto repeated = network->forward(Sequence::varying(image.repeat({7, 1, 1, 1, 1})));
  EXPECT_EQ(once.spikes.sizes(), torch::IntArrayRef({7, 4, 3}));
  EXPECT_EQ(once.layer_spikes[0].sizes(), torch::IntArrayRef({7, 4, 5}));
  EXPECT_GT(once.layer_spikes[0].sum().item<double>(), 0);
  EXPECT_TRUE(torch::allclose(once.membrane, repeated.membrane, 1e-5, 1e-6));
  EXPECT_TRUE(torch::equal(once.spikes, repeated.spikes));
}

TEST(Network, RunsEachSampleByItself) {
  Network network(spec_of({5, 3}));
  const Tensor images = torch::rand({6, 6}) * 3;
  const auto all = network->forward(images, 4);
  const auto one = network->forward(images.slice(0, 2, 3), 4);
  EXPECT_TRUE(torch::allclose(all.membrane.slice(1, 2, 3), one.membrane, 1e-5, 1e-6));
}

TEST(Network, GivesEachLayerItsOwnOptions) {
  NetworkSpec spec = spec_of({5, 3});
  spec.layers[1].neuron = LeakyOptions(0.5).learn_beta(true);
  Network network(spec);
  EXPECT_TRUE(network->named_parameters().contains("lif2.beta"));
  EXPECT_TRUE(network->named_buffers().contains("lif1.beta"));
}

TEST(Network, ClonesDeeply) {
  Network network(spec_of({5, 3}));
  const auto clone = std::dynamic_pointer_cast<NetworkImpl>(network->clone());
  const Tensor before = clone->named_parameters()["fc1.weight"].clone();
  {
    const torch::NoGradGuard no_grad;
    for (Tensor& parameter : network->parameters()) parameter.zero_();
  }
  EXPECT_TRUE(torch::equal(clone->named_parameters()["fc1.weight"], before));
  EXPECT_GT(clone->forward(torch::ones({1, 6}) * 9, 5).membrane.abs().sum().item<double>(), 0);
}

TEST(Network, PrintsItsShape) {
  std::ostringstream text;
  text << Network(spec_of({5, 3}));
  EXPECT_NE(text.str().find("snn::Network(6-5-3)"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("(lif1): snn::Leaky("), std::string::npos) << text.str();
}

TEST(Network, RefusesASpecificationThatCannotBeBuilt) {
  EXPECT_THROW(Network(spec_of({})), Error);
  EXPECT_THROW(Network(spec_of({5, 0})), Error);
}

}  // namespace
}  // namespace snn
