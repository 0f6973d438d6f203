#include "snn/network/neurons/relu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <sstream>

#include "engine/fused/fused_engine.h"
#include "engine/reference/reference_engine.h"
#include "snn/network/loss.h"
#include "snn/network/network.h"
#include "support/error_of.h"
#include "support/small_job.h"

namespace snn {
namespace {

namespace F = torch::nn::functional;
using torch::Tensor;

NetworkSpec relu_spec() {
  return {{6},
          {{LinearSpec{8}, ReluOptions{}},
           {LinearSpec{7}, ReluOptions{}},
           {LinearSpec{3}, ReluOptions{}}}};
}

// The usual PyTorch code for this network.
Tensor logits_of(const Network& network, const Tensor& input) {
  const auto parameters = network->named_parameters();
  Tensor x = input;
  for (const std::string layer : {"fc1", "fc2", "fc3"}) {
    if (layer != "fc1") x = torch::relu(x);
    x = F::linear(x, parameters[layer + ".weight"], parameters[layer + ".bias"]);
  }
  return x;
}

TEST(Relu, RectifiesWithoutState) {
  Relu relu;
  const Tensor current = torch::tensor({{-1.0F, 0.0F, 2.0F}});
  const auto [spikes, state] = relu->step(current, relu->initial_state({1, 3}, torch::kFloat));
  EXPECT_TRUE(torch::equal(spikes, torch::tensor({{0.0F, 0.0F, 2.0F}})));
  EXPECT_TRUE(state.empty() && relu->state_names().empty());
  EXPECT_TRUE(relu->parameters().empty() && relu->buffers().empty());
}

TEST(Relu, AnswersAConstantCurrentAsTheSameCurrentAtEachStep) {
  Relu relu;
  const Tensor current = torch::randn({4, 5});
  const auto once = relu->sequence(Sequence::constant(current, 3), {}, true);
  const auto each = relu->sequence(Sequence::varying(current.repeat({3, 1, 1})), {}, true);
  EXPECT_TRUE(torch::equal(once.spikes, each.spikes));
  EXPECT_TRUE(torch::equal(once.membrane, each.membrane));
  EXPECT_TRUE(torch::equal(each.membrane[2], current));
  EXPECT_FALSE(relu->sequence(Sequence::constant(current, 3), {}, false).membrane.defined());
}

// For a single step, every cross-entropy loss and its gradients equal PyTorch's CrossEntropyLoss of
// the logits.
TEST(ReluNetwork, IsAnOrdinaryNetworkUnderCrossEntropy) {
  Network network(relu_spec());
  const Tensor input = torch::randn({20, 6}) * 3, labels = torch::arange(20) % 3;
  const Tensor expected = torch::nn::CrossEntropyLoss()(logits_of(network, input), labels);
  const auto gradients = torch::autograd::grad({expected}, network->parameters());
  for (const Loss& loss :
       {Loss::ce_membrane(), Loss::ce_rate(), Loss::ce_count(), Loss::ce_max_membrane()}) {
    const auto output = network->forward(input, /*steps=*/1);
    const Tensor ours = compute_loss(loss, output.spikes, output.membrane, labels);
    EXPECT_TRUE(torch::equal(ours, expected)) << to_string(loss);
    const auto our_gradients = torch::autograd::grad({ours}, network->parameters());
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      EXPECT_GT(gradients[i].abs().sum().item<double>(), 0);
      EXPECT_TRUE(torch::allclose(our_gradients[i], gradients[i], 1e-6, 1e-8)) << i;
    }
  }
}

TEST(ReluNetwork, PredictsByItsLogitsEvenIfAllAreNegative) {
  Network network(relu_spec());
  {
    const torch::NoGradGuard no_grad;
    network->named_parameters()["fc3.bias"].sub_(100);
  }
  const Tensor input = torch::randn({50, 6}) * 3;
  const Tensor logits = logits_of(network, input);
  ASSERT_LT(logits.max().item<double>(), 0);
  const auto output = network->forward(input, 4);
  EXPECT_TRUE(torch::equal(predict(output.spikes), logits.argmax(1)));
  EXPECT_GT(std::get<0>(torch::_unique(predict(output.spikes))).numel(), 1);
  EXPECT_EQ(output.layer_spikes[2].abs().sum().item<double>(), 0) << "none is above 0";
}

TEST(ReluNetwork, SaysTheSameAtEveryStep) {
  Network network(relu_spec());
  const Tensor input = torch::randn({4, 6});
  const auto constant = network->forward(input, 5);
  const auto varying = network->forward(Sequence::varying(input.repeat({5, 1, 1})));
  EXPECT_EQ(constant.spikes.sizes(), torch::IntArrayRef({5, 4, 3}));
  EXPECT_TRUE(torch::allclose(constant.spikes, varying.spikes, 1e-6, 1e-7));
  EXPECT_TRUE(torch::allclose(constant.spikes[4], logits_of(network, input), 1e-6, 1e-7));
  EXPECT_TRUE(torch::allclose(constant.layer_spikes[1], varying.layer_spikes[1], 1e-6, 1e-7));
}

TEST(ReluNetwork, MixesWithSpikingLayers) {
  NetworkSpec spec = relu_spec();
  spec.layers[1].neuron = LeakyOptions(0.9);
  Network network(spec);
  std::ostringstream text;
  text << network;
  EXPECT_THAT(text.str(), testing::HasSubstr("(relu1): snn::Relu()"));
  EXPECT_THAT(text.str(), testing::HasSubstr("(lif2): snn::Leaky("));
  const auto output = network->forward(torch::randn({10, 6}) * 9, 8);
  const Tensor& spikes = output.layer_spikes[1];
  EXPECT_TRUE(torch::equal(spikes, spikes.ne(0).to(torch::kFloat)));
  EXPECT_GT(spikes.sum().item<double>(), 0);
  EXPECT_GT(output.layer_spikes[0].max().item<double>(), 1.5) << "not spikes";
}

EngineOptions relu_job(std::int64_t steps) {
  EngineOptions options = small_job({30, 10}, steps, /*threads=*/2);
  for (LayerSpec& layer : options.network.layers) layer.neuron = ReluOptions{};
  return options;
}

TEST(ReluNetwork, LearnsInTheReferenceEngine) {
  auto engine = make_reference_engine(relu_job(1));
  const Batch batch = batch_of(0, 100);
  for (int step = 0; step < 60; ++step) engine->train_batch(batch, 0.005);
  const Evaluation answer = engine->evaluate(batch);
  EXPECT_LT(answer.loss_sum / 100, 0.1);
  for (std::size_t i = 0; i < 100; ++i) {
    const auto row = answer.spike_counts.begin() + static_cast<std::ptrdiff_t>(10 * i);
    EXPECT_EQ(std::max_element(row, row + 10) - row, answer.predictions[i]);
  }
  EXPECT_EQ(engine->export_state().tensors.size(), 3u * 4) << "no tensors of neurons";
  ASSERT_EQ(answer.layer_spikes[0].size(), 30u);
  for (const std::int64_t count : answer.layer_spikes[0]) EXPECT_LE(count, 100);
}

TEST(ReluNetwork, IsLeftToTheReferenceEngine) {
  EXPECT_EQ(make_engine(EngineKind::kAuto, relu_job(1))->name(), "reference");
  EXPECT_THAT(error_of([] { fused::make_fused_engine(relu_job(1)); }),
              testing::HasSubstr("relu neurons"));
}

}  // namespace
}  // namespace snn
