#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/fused/fused_case.h"
#include "snn/engine/fused.h"
#include "snn/network/loss.h"
#include "snn/network/network.h"
#include "snn/numeric/random.h"
#include "snn/text/error.h"

namespace snn {
namespace {

TEST(FusedForward, AgreesWithTheReferenceForEveryResetAndSurrogate) {
  int compared = 0;
  for (const Reset reset : {Reset::kSubtract, Reset::kZero, Reset::kNone}) {
    for (const bool delay : {true, false}) {
      for (const Surrogate& surrogate : kSurrogates) {
        for (const bool learns : {false, true}) {
          Case drawn;
          drawn.spec.sample_shape = {12};
          for (const std::int64_t width : {20, 4}) {
            drawn.spec.layers.push_back({LinearSpec{width}, LeakyOptions(0.8)
                                                                .threshold(0.6)
                                                                .reset(reset)
                                                                .reset_delay(delay)
                                                                .surrogate(surrogate)
                                                                .learn_beta(learns)
                                                                .learn_threshold(learns)});
          }
          Draw draw(static_cast<std::uint64_t>(++compared));
          drawn.steps = 11;
          drawn.input = draw.picture({3, 12}, 0.7);
          drawn.targets = torch::tensor({0, 3, 1}, torch::kLong);
          drawn.text = std::string(name_of(reset)) + " delay " + std::to_string(delay) + " " +
                       to_string(surrogate) + " learns " + std::to_string(learns);
          const Found expected = by_reference(drawn);
          const Found in_floats = by_reference(drawn, torch::kFloat);
          for (const Simd simd : kAllSimd) {
            if (!is_there(simd)) continue;
            const Found found = by_kernels(drawn, simd);
            const std::string what = drawn.text + " " + std::string(name_of(simd));
            EXPECT_TRUE(has_equal_spikes(found, expected)) << what;
            expect_close(found, expected, in_floats, what);
          }
        }
      }
    }
  }
}

// Learning can move a threshold below zero, and neurons at rest then exceed it.
TEST(FusedForward, AgreesWithTheReferenceBelowAThresholdOfZero) {
  for (const Reset reset : {Reset::kSubtract, Reset::kZero, Reset::kNone}) {
    for (const bool delay : {true, false}) {
      Case drawn;
      drawn.spec.sample_shape = {12};
      for (const std::int64_t width : {20, 4}) {
        drawn.spec.layers.push_back(
            {LinearSpec{width},
             LeakyOptions(0.8).reset(reset).reset_delay(delay).learn_beta(true).learn_threshold(
                 true)});
      }
      drawn.steps = 9;
      drawn.input = Draw(5).picture({3, 12}, 0.7);
      drawn.targets = torch::tensor({0, 3, 1}, torch::kLong);
      drawn.threshold = -0.2;
      const Found expected = by_reference(drawn), found = by_kernels(drawn, Simd::kAuto);
      const std::string what = std::string(name_of(reset)) + " delay " + std::to_string(delay);
      EXPECT_TRUE(has_equal_spikes(found, expected)) << what;
      expect_close(found, expected, by_reference(drawn, torch::kFloat), what);
    }
  }
}

TEST(FusedForward, AgreesWithTheReferenceOnRandomNetworks) {
  constexpr std::uint64_t kCases = 120;
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    const Case drawn = draw_case(seed);
    const Found expected = by_reference(drawn);
    const Found in_floats = by_reference(drawn, torch::kFloat);
    const Simd simd = kAllSimd[seed % std::size(kAllSimd)];
    const Found found = by_kernels(drawn, is_there(simd) ? simd : Simd::kAuto);
    // If a membrane potential is within rounding of its threshold, it may fall on the other side of
    // it, and everything after it differs.
    if (!has_equal_spikes(found, expected) || !has_equal_spikes(in_floats, expected)) continue;
    if (!is_finite(in_floats)) continue;
    ++compared;
    expect_close(found, expected, in_floats, drawn.text);
  }
  EXPECT_GE(compared, kCases * 8 / 10);
}

TEST(FusedForward, GivesTheSameBitsForAnyNumberOfThreads) {
  for (std::uint64_t seed = 200; seed < 210; ++seed) {
    const Case drawn = draw_case(seed);
    const Found one = by_kernels(drawn, Simd::kAuto, 1), three = by_kernels(drawn, Simd::kAuto, 3);
    EXPECT_EQ(one.loss, three.loss) << drawn.text;
    for (std::size_t i = 0; i < one.gradients.size(); ++i) {
      const Tensor& gradient = one.gradients[i].second;
      EXPECT_TRUE(torch::allclose(gradient, three.gradients[i].second, 0, 0, /*equal_nan=*/true))
          << drawn.text;
    }
  }
}

std::ptrdiff_t threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(FusedForward, UsesTorchsThreads) {
#ifdef __clang__
  GTEST_SKIP() << "OpenMP is used with GCC alone";
#endif
  Network network(NetworkSpec{{40}, {{LinearSpec{200}, LeakyOptions(0.9)}}});
  FusedForward forward(network);
  const int before = torch::get_num_threads();
  std::ptrdiff_t started = 0;
  // A new thread, for which torch has started no workers yet.
  std::thread([&] {
    torch::set_num_threads(3);
    const Tensor images = torch::ones({64, 40});
    started = -threads_of_process();
    forward(images, 9);
    started += threads_of_process();
  }).join();
  torch::set_num_threads(before);
  EXPECT_EQ(started, 2);
}

TEST(FusedForward, GoesBackWithMoreThreadsThanForward) {
  const int threads = torch::get_num_threads();
  Network network(NetworkSpec{
      {40}, {{LinearSpec{200}, LeakyOptions(0.9)}, {LinearSpec{130}, LeakyOptions(0.9)}}});
  FusedForward forward(network);
  const auto gradient = [&](int of_forward, int of_backward) {
    torch::set_num_threads(of_forward);
    const Tensor sum = forward(torch::linspace(0, 1, 64 * 40).reshape({64, 40}), 9).membrane.sum();
    torch::set_num_threads(of_backward);
    return torch::autograd::grad({sum}, {network->named_parameters()["fc1.weight"]})[0];
  };
  const Tensor more = gradient(1, 16), same = gradient(1, 1);
  torch::set_num_threads(threads);
  EXPECT_TRUE(torch::equal(more, same));
}

TEST(FusedForward, TakesBytesForTheir255th) {
  Network network(NetworkSpec{{2, 3}, {{LinearSpec{4}, LeakyOptions()}}});
  FusedForward forward(network);
  const Tensor bytes = torch::arange(0, 240, 20).to(torch::kByte).reshape({2, 2, 3});
  const auto of_bytes = forward(bytes, 5), of_floats = forward(bytes.to(torch::kFloat) / 255, 5);
  EXPECT_TRUE(torch::equal(of_bytes.membrane, of_floats.membrane));
}

TEST(FusedForward, KeepsEachForwardPassForItsOwnBackwardPass) {
  Network network(
      NetworkSpec{{6}, {{LinearSpec{5}, LeakyOptions()}, {LinearSpec{3}, LeakyOptions()}}});
  FusedForward forward(network);
  const Tensor a = torch::linspace(0, 1, 12).reshape({2, 6}), b = 1 - a;
  const auto gradient_of = [&](const NetworkOutput& output) {
    return torch::autograd::grad({output.membrane.sum()},
                                 {network->named_parameters()["fc1.weight"]})[0];
  };
  const Tensor alone = gradient_of(forward(a, 7));
  const NetworkOutput first = forward(a, 7), second = forward(b, 9);
  {
    const torch::NoGradGuard no_grad;
    forward(b, 3);
  }
  const Tensor of_second = gradient_of(second), of_first = gradient_of(first);
  EXPECT_TRUE(torch::equal(of_first, alone));
  EXPECT_FALSE(torch::equal(of_second, alone));
}

TEST(FusedForward, RefusesASecondBackwardPass) {
  Network network(NetworkSpec{{2}, {{LinearSpec{3}, LeakyOptions()}}});
  FusedForward forward(network);
  const Tensor sum = forward(torch::ones({1, 2}), 5).membrane.sum();
  sum.backward({}, /*retain_graph=*/true);
  EXPECT_THROW(sum.backward(), c10::Error);
}

TEST(FusedForward, LearnsWithTorchsOptimiser) {
  Network network(NetworkSpec{
      {8},
      {{LinearSpec{16}, LeakyOptions(0.9).learn_beta(true)}, {LinearSpec{2}, LeakyOptions(0.9)}}});
  FusedForward forward(network);
  torch::optim::Adam optimizer(network->parameters(), 1e-2);
  const Tensor labels = torch::arange(64).remainder(2);
  Tensor images = torch::full({64, 8}, 0.1);
  images.view({64, 2, 4}).add_(torch::one_hot(labels, 2).unsqueeze(2) * 0.4);
  double first = 0, last = 0;
  for (int step = 0; step < 60; ++step) {
    const auto output = forward(images, 10);
    const Tensor loss = compute_loss(Loss::ce_membrane(), output.spikes, output.membrane, labels);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    last = loss.item<double>();
    if (step == 0) first = last;
  }
  EXPECT_LT(last, first / 2);
}

TEST(FusedForward, RefusesWhatItDoesNotCompute) {
  const auto make = [](const LeakyOptions& neuron) {
    return FusedForward(Network(NetworkSpec{{2}, {{LinearSpec{3}, neuron}}}));
  };
  EXPECT_THROW(make(LeakyOptions().inhibition(true)), Error);
  EXPECT_THROW(make(LeakyOptions().graded_spikes_factor(2)), Error);
  EXPECT_THROW(make(LeakyOptions().learn_graded_spikes_factor(true)), Error);
  FusedForward forward(Network(NetworkSpec{{2}, {{LinearSpec{3}, LeakyOptions()}}}));
  EXPECT_THROW(forward(torch::ones({1, 3}), 5), c10::Error);
  EXPECT_THROW(forward(torch::ones({1, 2}, torch::kDouble), 5), c10::Error);
  EXPECT_THROW(forward(torch::ones({0, 2}), 5), c10::Error) << "no sample";
}

}  // namespace
}  // namespace snn
