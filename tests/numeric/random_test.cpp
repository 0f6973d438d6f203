#include "snn/numeric/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace snn {
namespace {

// Known answers of philox4x32-10 from the Random123 distribution (tests/kat_vectors).
TEST(Philox, GivesThePublishedAnswers) {
  using Counter = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, IsFixedByItsPositionAlone) {
  const auto draw = [](std::uint64_t seed, Purpose purpose, std::uint32_t a, std::uint32_t b) {
    RandomStream stream(seed, purpose, a, b);
    std::vector<std::uint32_t> values(10);
    std::generate(values.begin(), values.end(), [&] { return stream.bits(); });
    return values;
  };
  const auto base = draw(1, Purpose::kWeights, 2, 3);
  EXPECT_EQ(draw(1, Purpose::kWeights, 2, 3), base);
  EXPECT_NE(draw(2, Purpose::kWeights, 2, 3), base);
  EXPECT_NE(draw(1ULL << 32, Purpose::kWeights, 2, 3), base);
  EXPECT_NE(draw(1, Purpose::kShuffle, 2, 3), base);
  EXPECT_NE(draw(1, Purpose::kWeights, 3, 3), base);
  EXPECT_NE(draw(1, Purpose::kWeights, 2, 4), base);
}

TEST(RandomStream, UniformFillsZeroToOneEvenly) {
  RandomStream stream(7, Purpose::kWeights, 0, 0);
  constexpr int kDraws = 100000, kBins = 10;
  std::vector<int> bins(kBins);
  for (int i = 0; i < kDraws; ++i) {
    const float value = stream.uniform();
    ASSERT_GE(value, 0.0F);
    ASSERT_LT(value, 1.0F);
    ++bins[static_cast<std::size_t>(value * kBins)];
  }
  // The tolerance is six standard deviations of a binomial count with n = 1e5 and p = 0.1.
  const double tolerance = 6 * std::sqrt(kDraws * 0.1 * 0.9);
  for (const int count : bins) EXPECT_NEAR(count, kDraws / kBins, tolerance);
}

TEST(RandomStream, BelowIsEvenForBoundsThatDoNotDivideTheRange) {
  RandomStream stream(7, Purpose::kShuffle, 0, 0);
  // Without rejection the values of this bound's lower half would be twice as likely.
  constexpr std::uint32_t kBound = 3U << 30;
  constexpr int kDraws = 30000;
  int low = 0;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint32_t value = stream.below(kBound);
    ASSERT_LT(value, kBound);
    low += value % 3 == 0 ? 1 : 0;
  }
  EXPECT_NEAR(low, kDraws / 3, 6 * std::sqrt(kDraws * 2.0 / 9.0));
}

TEST(Shuffled, IsAPermutationThatChangesWithSeedAndEpoch) {
  const auto order = shuffled(1000, 1, 1);
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t i = 0; i < sorted.size(); ++i) ASSERT_EQ(sorted[i], i);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(shuffled(1000, 1, 1), order);
  EXPECT_NE(shuffled(1000, 1, 2), order);
  EXPECT_NE(shuffled(1000, 2, 1), order);
  EXPECT_TRUE(shuffled(0, 1, 1).empty());
}

}  // namespace
}  // namespace snn
