#include <gtest/gtest.h>

#include <algorithm>
#include <numbers>

#include "kernels/kernels_test.h"
#include "kernels/neuron_model.h"

namespace snn::kernels {
namespace {

// The values of one neuron with beta 0.9 and threshold 1, with the currents and results of
// snnTorch's Leaky.
TEST_P(KernelsTest, RunANeuronOverTime) {
  constexpr float kCurrents[] = {.8F, .8F, .8F, 0, 2.5F, .1F, .1F};
  constexpr std::int64_t kSteps = std::size(kCurrents);
  struct Expected {
    Reset reset;
    ResetTiming timing;
    std::vector<double> membrane;
    std::uint32_t spikes;  // bit t
  };
  const Expected cases[] = {
      {Reset::kSubtract,
       ResetTiming::kDelayed,
       {.8, 1.52, 1.168, .0512, 2.54608, 1.391472, .3523248},
       0b0110110},
      {Reset::kSubtract,
       ResetTiming::kImmediate,
       {.8, .52, .268, .2412, 1.71708, 1.645372, 1.5808348},
       0b0010110},
      {Reset::kZero, ResetTiming::kDelayed, {.8, 1.52, .8, .72, 3.148, .1, .19}, 0b0010010},
      {Reset::kZero, ResetTiming::kImmediate, {.8, 0, .8, .72, 0, .1, .19}, 0b0010010},
      {Reset::kNone,
       ResetTiming::kDelayed,
       {.8, 1.52, 2.168, 1.9512, 4.25608, 3.930472, 3.6374248},
       0b1111110}};
  Matrix<float> current(kSteps, kGroup);
  Buffer<float> beta(kGroup), threshold(kGroup);
  std::fill_n(beta.data(), kGroup, 0.9F);
  std::fill_n(threshold.data(), kGroup, 1.0F);
  for (std::int64_t t = 0; t < kSteps; ++t) current(t, 3) = kCurrents[t];
  for (const Expected& expected : cases) {
    Matrix<float> spikes(kSteps, kGroup), membrane(kSteps, kGroup);
    Buffer<std::uint16_t> masks(kSteps);
    Buffer<std::uint32_t> words(kGroup);
    const NeuronBlock block = {Model::kLeaky,
                               kGroup,
                               kSteps,
                               expected.reset,
                               expected.timing,
                               Surrogate{},
                               {threshold.data(), beta.data()}};
    kernels_->neurons_forward(
        block, current.data(), kGroup,
        {masks.data(), 1, words.data(), kGroup, spikes.data(), membrane.data(), kGroup});
    EXPECT_EQ(words.data()[3], expected.spikes)
        << name_of(expected.reset) << static_cast<int>(expected.timing);
    for (std::int64_t t = 0; t < kSteps; ++t) {
      EXPECT_NEAR(membrane(t, 3), expected.membrane[static_cast<std::size_t>(t)], 1e-5);
      EXPECT_EQ(masks.data()[t], (expected.spikes >> t & 1) << 3);
      EXPECT_EQ(spikes(t, 3), static_cast<float>(expected.spikes >> t & 1));
      EXPECT_EQ(spikes(t, 4), 0);
    }
  }
}

// atan's derivative, a / 2 / (1 + (pi / 2 a (U - threshold))^2), also where it is tiny beside
// neurons where it is not.
TEST_P(KernelsTest, DeriveAtanFarFromTheThreshold) {
  constexpr int kWide = 64;
  for (const double largest : {2.0, 1e5, 1e12, 1e25}) {
    Buffer<float> current(kWide), beta(kWide), threshold(kWide), ones(kWide), gradient(kWide);
    Buffer<float> of_current(kWide), of_square(kWide), scratch(kReplayArrays * kWide);
    std::vector<double> expected;
    for (int n = 0; n < kWide; ++n) {
      const double sign = n % 2 == 0 ? 1 : -1;
      current.data()[n] = static_cast<float>(sign * std::pow(largest, n / 63.0));
      threshold.data()[n] = 0.5F;
      ones.data()[n] = 1;
      const double x = std::numbers::pi / 2 * 2 * (static_cast<double>(current.data()[n]) - 0.5);
      expected.push_back(1 / (1 + x * x));
    }
    const NeuronBlock block = {Model::kLeaky,
                               kWide,
                               /*steps=*/1,
                               Reset::kSubtract,
                               ResetTiming::kDelayed,
                               Surrogate{},
                               {threshold.data(), beta.data()}};
    kernels_->neurons_backward(block, current.data(), kWide, {ones.data(), kWide, nullptr, 0},
                               gradient.data(), {of_current.data(), of_square.data(), {}},
                               scratch.data());
    for (std::size_t n = 0; n < kWide; ++n) {
      // 1e-30 stands for all smaller values
      const double near = std::max(expected[n], 1e-30);
      EXPECT_NEAR(gradient.data()[n], near, 1e-6 * near) << largest << ' ' << n;
    }
  }
}

// The sum over time equals that of the gradients which the backward pass computes step by step.
TEST_P(KernelsTest, SumTheGradientOverTimeAtOnce) {
  constexpr std::int64_t kSteps = 37, kCount = 13;
  for (const Reset reset : {Reset::kSubtract, Reset::kNone}) {
    for (const int lanes : kLanes) {
      const auto width = static_cast<std::size_t>(lanes);
      Buffer<float> current = numbers(width), beta = numbers(width), threshold = numbers(width);
      for (std::size_t n = 0; n < width; ++n) beta.data()[n] = std::abs(beta.data()[n]);
      const Buffer<float> left = numbers(kSteps * kGroup), right = numbers(kCount * width);
      const NeuronBlock block = {Model::kLeaky,
                                 lanes,
                                 kSteps,
                                 reset,
                                 ResetTiming::kDelayed,
                                 Surrogate{},
                                 {threshold.data(), beta.data()}};

      Buffer<float> of_spikes(kSteps * width), expected(width), sums(width), squares(width);
      Buffer<float> scratch(kReplayArrays * kSteps * width);
      kernels_->multiply(lanes, kSteps, kCount, left.data(), kGroup, right.data(), of_spikes.data(),
                         /*add=*/false);
      kernels_->neurons_backward(block, current.data(), 0, {of_spikes.data(), lanes, nullptr, 0},
                                 expected.data(), {sums.data(), squares.data(), {}},
                                 scratch.data());

      Buffer<float> slopes(2 * kSteps * width), total = numbers(width);
      kernels_->neuron_slopes(block, current.data(), slopes.data());
      for (const bool add : {false, true}) {
        kernels_->multiply_slopes(lanes, kSteps, kCount, left.data(), kGroup, right.data(),
                                  slopes.data(), total.data(), add);
        // Over 37 steps of a slow decay, the terms add up to some hundred.
        for (std::size_t n = 0; n < width; ++n) {
          const double sum = (add ? 2.0 : 1.0) * static_cast<double>(expected.data()[n]);
          EXPECT_NEAR(total.data()[n], sum, 1e-5 * std::max(10.0, std::abs(sum))) << n;
        }
      }
    }
  }
}

TEST_P(KernelsTest, ListsTheNeuronsThatSpiked) {
  constexpr std::int64_t kCount = 3, kStride = 80;
  for (const int lanes : kLanes) {
    Matrix<std::uint32_t> words(kCount, kStride);
    std::vector<std::uint16_t> expected;
    for (int n = 0; n < lanes; ++n) {
      const bool spikes = random_.below(3) > 0;
      if (!spikes) continue;
      words(static_cast<std::int64_t>(random_.below(kCount)), n) = 1U << n % 30;
      expected.push_back(static_cast<std::uint16_t>(128 + n));
    }
    // The bits beyond the block belong to other neurons.
    words(0, lanes) = 1;
    std::vector<std::uint16_t> active(static_cast<std::size_t>(lanes));
    const int found =
        kernels_->list_active(lanes, words.data(), kStride, kCount, 128, active.data());
    active.resize(static_cast<std::size_t>(found));
    EXPECT_EQ(active, expected) << lanes;
  }
}

TEST(WithoutModel, NamesWhatTheKernelsLack) {
  EXPECT_EQ(without_model(LeakyOptions()), "");
  EXPECT_EQ(without_model(LeakyOptions().reset(Reset::kSubtractBeta)), "the reset subtract-beta");
  EXPECT_EQ(without_model(PlifOptions().refractory(1)), "a refractory period");
  EXPECT_EQ(without_model(AlphaOptions().state_quant({.kind = StateQuantKind::kUniform})),
            "state-quant");
}

}  // namespace
}  // namespace snn::kernels
