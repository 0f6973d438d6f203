#include "snn/network/neurons/plif.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <string>
#include <vector>

#include "snn/train/learned.h"
#include "support/single_neuron.h"

namespace snn {
namespace {

using torch::Tensor;

// With tau = 4 a current of 2 in the first step leaves 2 / 4 (3/4)^t.
TEST(Plif, DecaysByItsTimeConstant) {
  expect_trace(trace_of(Plif(PlifOptions(4.0)), {2, 0, 0, 0}), {.5, .375, .28125, .2109375},
               {0, 0, 0, 0});
  expect_trace(trace_of(Plif(PlifOptions(4.0).decay_input(false).threshold(3.0)), {2, 0, 0, 0}),
               {2, 1.5, 1.125, .84375}, {0, 0, 0, 0});
}

// With tau = 2 it reaches 1.5 in the first step, and half the rest and 0.25 in the second.
TEST(Plif, IsResetInTheStepOfItsSpike) {
  const std::vector<double> current = {3, 0.5};
  const auto with = [](Reset reset) { return Plif(PlifOptions(2.0).reset(reset)); };
  expect_trace(trace_of(with(Reset::kZero), current), {0, .25}, {1, 0});
  expect_trace(trace_of(with(Reset::kSubtract), current), {.5, .5}, {1, 0});
  expect_trace(trace_of(with(Reset::kNone), current), {1.5, 1}, {1, 0});
}

// The tensor is SpikingJelly's w; people see tau.
TEST(Plif, ShowsTheTimeConstantThatItHasLearned) {
  NetworkSpec spec{{2}, {{LinearSpec{2}, PlifOptions(4.0)}}};
  Plif plif(PlifOptions(4.0));
  ASSERT_EQ(plif->named_parameters().keys(), std::vector<std::string>({"w"}));
  EXPECT_FLOAT_EQ(plif->w.sigmoid().item<float>(), 0.25F);
  const HostTensors tensors = {{"lif1.w", {{}, {plif->w.item<float>() + 1}}}};
  const auto learned = learned_parameters(spec, tensors);
  ASSERT_EQ(learned.size(), 1u);
  EXPECT_EQ(full_name(learned[0], "lif1"), "lif1.tau");
  EXPECT_NEAR(learned[0].mean, 1 + 3 * std::exp(-1), 1e-6);
  EXPECT_EQ(range_problem(learned[0], spec), "");
  EXPECT_EQ(field_of(learned[0], spec).value().name, "tau");
}

}  // namespace
}  // namespace snn
