#include "snn/network/decision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace snn {
namespace {

using Sums = std::vector<float>;

TEST(Decision, TakesMostSpikesThenTheLargestMembraneThenTheLowestClass) {
  constexpr auto kBoth = Decision::kCountMembrane;
  EXPECT_EQ(decide(kBoth, {Sums{1, 3, 2}, Sums{9, 0, 9}}), 1)
      << "no tie: the membrane says nothing";
  EXPECT_EQ(decide(kBoth, {Sums{3, 1, 3}, Sums{-2, 9, -1}}), 2);
  EXPECT_EQ(decide(kBoth, {Sums{3, 1, 3}, Sums{-1, 9, -2}}), 0);
  EXPECT_EQ(decide(kBoth, {Sums{1, 3, 3}, Sums{9, 2, 2}}), 1);
  EXPECT_EQ(decide(kBoth, {Sums{0, 0, 0}, Sums{-3, -1, -2}}), 1) << "no spike at all";
}

TEST(Decision, OfCountsOrMembranesAloneTakesTheFirstOfTheLargest) {
  EXPECT_EQ(decide(Decision::kCount, {Sums{1, 3, 3}, Sums{0, 0, 9}}), 1);
  EXPECT_EQ(decide(Decision::kCount, {Sums{0, 0}, {}}), 0);
  EXPECT_EQ(decide(Decision::kMembrane, {Sums{9, 3, 3}, Sums{0, 5, 5}}), 1);
}

TEST(Decision, NeverTakesWhatIsNoNumberWhereThereIsOne) {
  for (const auto decision : {Decision::kCountMembrane, Decision::kMembrane}) {
    EXPECT_EQ(decide(decision, {Sums{2, 2, 2}, Sums{NAN, -1e30F, NAN}}), 1) << name_of(decision);
    EXPECT_EQ(decide(decision, {Sums{2, 2, 2}, Sums{NAN, NAN, NAN}}), 0) << name_of(decision);
    EXPECT_EQ(decide(decision, {Sums{2, 2, 2}, Sums{1, -HUGE_VALF, HUGE_VALF}}), 2);
  }
  EXPECT_EQ(decide(Decision::kCount, {Sums{NAN, -1, NAN}, {}}), 1);
  EXPECT_EQ(decide(Decision::kCountMembrane, {Sums{1, 2, 2}, Sums{NAN, NAN, NAN}}), 1)
      << "one of those that tie";
}

TEST(Decision, TakesTheFirstSpikeOfTheLowestClass) {
  EXPECT_EQ(decide(Decision::kTemporal, {{}, {}, Sums{7, 3, 3}}), 1);
  EXPECT_EQ(decide(Decision::kTemporal, {{}, {}, Sums{9, 9, 9}}), 0) << "no spike at all";
}

// The class that is decided for has rank 0, and no two classes have the same.
TEST(Decision, RanksTheOtherClassesToo) {
  const Sums counts = {2, 3, 3, 0, 2}, membranes = {1, 4, 5, 9, 1}, times = {6, 2, 2, 9, 1};
  const ClassOutputs outputs{counts, membranes, times};
  const auto ranks = [&](Decision decision) {
    std::vector<std::int64_t> all;
    for (std::int64_t c = 0; c < 5; ++c) all.push_back(rank_of(decision, outputs, c));
    return all;
  };
  using Ranks = std::vector<std::int64_t>;
  EXPECT_EQ(ranks(Decision::kCountMembrane), (Ranks{2, 1, 0, 4, 3}));
  EXPECT_EQ(ranks(Decision::kCount), (Ranks{2, 0, 1, 4, 3}));
  EXPECT_EQ(ranks(Decision::kMembrane), (Ranks{3, 2, 1, 0, 4}));
  EXPECT_EQ(ranks(Decision::kTemporal), (Ranks{3, 1, 2, 4, 0}));
  for (const auto& [decision, name] : Names<Decision>::table) {
    EXPECT_EQ(ranks(decision)[static_cast<std::size_t>(decide(decision, outputs))], 0) << name;
  }
}

TEST(Decision, KnowsWhenItNeedsTheMembrane) {
  EXPECT_TRUE(depends_on_membrane(Decision::kCountMembrane, Sums{1, 2, 2}));
  EXPECT_FALSE(depends_on_membrane(Decision::kCountMembrane, Sums{1, 2, 3}));
  EXPECT_FALSE(depends_on_membrane(Decision::kCount, Sums{1, 2, 2}));
  EXPECT_TRUE(depends_on_membrane(Decision::kMembrane, Sums{1, 2, 3}));
}

TEST(TiedClasses, AreThoseWithTheHighestCount) {
  EXPECT_EQ(tied_classes(Sums{1, 1, 2}), 1);
  EXPECT_EQ(tied_classes(Sums{2, 1, 2}), 2);
  EXPECT_EQ(tied_classes(Sums{0, 0, 0}), 3);
}

}  // namespace
}  // namespace snn
