#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

#include "snn/network/network.h"
#include "snn/network/neurons/rleaky.h"
#include "snn/network/neurons/rsynaptic.h"
#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

RleakyOptions one_to_one(double v) {
  return RleakyOptions(0.9).recurrence(Recurrence::kOneToOne).recurrent(v);
}

// Worked out by hand from the equations in rleaky.h with beta 0.9, V 0.5 and threshold 1.
TEST(Rleaky, AddsItsOwnSpikesOneStepLater) {
  const std::vector<double> current(6, 0.6);
  expect_trace(trace_of(Rleaky(one_to_one(0.5)), current),
               {.6, 1.14, 1.126, 1.1134, 1.10206, 1.091854}, {0, 1, 1, 1, 1, 1});
  expect_trace(trace_of(Rleaky(one_to_one(0.5).reset(Reset::kZero)), current),
               {.6, 1.14, 0, .6, 1.14, 0}, {0, 1, 0, 0, 1, 0});
}

// U = 0.6, 1.14 - 1, 0.126 + 0.6 + 0.5 - 1, 0.2034 + 0.6 + 0.5 - 1.
TEST(Rleaky, IsResetAtOnceWithoutDelay) {
  expect_trace(trace_of(Rleaky(one_to_one(0.5).reset_delay(false)), {.6, .6, .6, .6}),
               {.6, .14, .226, .3034}, {0, 1, 1, 1});
}

// snnTorch's RSynaptic fails without delay. s = 0.6, 0.9, 1.05 + 0.5; U = 0.6, 1.44 - 1, 0.396
// + 1.55 - 1.
TEST(Rsynaptic, IsResetAtOnceWithoutDelay) {
  const auto options = RsynapticOptions(0.5, 0.9).recurrence(Recurrence::kOneToOne).recurrent(0.5);
  expect_trace(trace_of(Rsynaptic(RsynapticOptions(options).reset_delay(false)), {.6, .6, .6}),
               {.6, .44, .946}, {0, 1, 1});
  expect_trace(trace_of(Rsynaptic(options), {.6, .6, .6}), {.6, 1.44, 1.846}, {0, 1, 1});
}

NetworkSpec recurrent_spec(const RleakyOptions& options) {
  return {{4}, {{LinearSpec{3}, options}}};
}

TEST(Rleaky, HasSnnTorchsNamesAndCountsItsParameters) {
  const auto names = [](const RleakyOptions& options) {
    Network network(recurrent_spec(options));
    std::int64_t count = 0;
    for (const Tensor& parameter : network->parameters()) count += parameter.numel();
    EXPECT_EQ(count, parameter_count(network->spec));
    EXPECT_EQ(network_spec_from_json(to_json(network->spec)), network->spec);
    return network->named_parameters().keys();
  };
  const std::vector<std::string> linear = {"fc1.weight", "fc1.bias"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), linear.begin(), linear.end());
    return more;
  };
  const RleakyOptions dense(0.9);
  EXPECT_EQ(names(dense), with({"lif1.recurrent.weight", "lif1.recurrent.bias"}));
  EXPECT_EQ(names(RleakyOptions(dense).learn_beta(true)),
            with({"lif1.beta", "lif1.recurrent.weight", "lif1.recurrent.bias"}));
  EXPECT_EQ(names(RleakyOptions(dense).learn_recurrent(false)), linear);
  EXPECT_EQ(names(one_to_one(0.5)), with({"lif1.V"}));
  EXPECT_EQ(names(one_to_one(0.5).recurrent({0.1, 0.2, 0.3})), with({"lif1.V"}));
  EXPECT_EQ(names(one_to_one(0.5).learn_recurrent(false)), linear);
}

TEST(Rleaky, DrawsItsDenseRecurrenceBySeedAndLayer) {
  const auto weight = [](const Seeds& seeds) {
    return Rleaky(RleakyOptions(), 50, seeds)->recurrent->weight;
  };
  EXPECT_TRUE(torch::equal(weight({1, 0, 1}), weight({1, 0, 1})));
  EXPECT_FALSE(torch::equal(weight({1, 0, 1}), weight({1, 1, 1})));
  const double bound = 1 / std::sqrt(50.0), most = weight({1}).abs().max().item<double>();
  EXPECT_LE(most, bound);
  EXPECT_GT(most, 0.99 * bound);
}

TEST(Rleaky, ClonesItsRecurrence) {
  Rleaky rleaky(RleakyOptions(), 3);
  const auto clone = std::dynamic_pointer_cast<RleakyImpl>(rleaky->clone());
  ASSERT_TRUE(clone);
  const Tensor before = rleaky->recurrent->weight.detach().clone();
  {
    const torch::NoGradGuard no_grad;
    rleaky->recurrent->weight.zero_();
  }
  EXPECT_TRUE(torch::equal(clone->recurrent->weight, before));
}

}  // namespace
}  // namespace snn
