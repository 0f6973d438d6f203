#include "train/summary_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/metric.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SummaryNumber, IsFoundUnderTheKeyOfVersion01) {
  const Json old = {{"images_per_second", 40}}, now = {{"samples_per_second", 50}};
  EXPECT_EQ(summary_number(old, "samples_per_second"), 40);
  EXPECT_EQ(summary_number(now, "samples_per_second"), 50);
  // Sweeps of version 0.1 use this metric.
  EXPECT_EQ(summary_number(now, "images_per_second"), 50);
  EXPECT_EQ(summary_number(now, "test_accuracy"), std::nullopt);
  EXPECT_EQ(summary_number(nullptr, "test_accuracy"), std::nullopt);
  EXPECT_EQ(summary_number({{"test_accuracy", "x"}}, "test_accuracy"), std::nullopt);
}

TEST(SummaryOutcome, IsOneOfTheKnown) {
  EXPECT_EQ(summary_outcome({{"outcome", "diverged"}}), Outcome::kDiverged);
  EXPECT_EQ(summary_outcome({{"outcome", "else"}}), std::nullopt);
  EXPECT_EQ(summary_outcome(Json::object()), std::nullopt);
}

TEST(SummaryNeurons, AreThoseOfTheLayers) {
  const Json layers = {{{"name", "relu1"}, {"kind", "relu"}, {"neurons", 500}},
                       {{"name", "lif2"}, {"kind", "leaky"}, {"neurons", 10}}};
  EXPECT_THAT(summary_neurons({{"network", "784-500-10 relu-leaky"}, {"layers", layers}}),
              ElementsAre(500, 10));
  EXPECT_THAT(summary_neurons({{"network", "784-500-10"}, {"layers", {{{"name", "lif1"}}}}}),
              IsEmpty());
}

TEST(SummaryNeurons, AreReadFromTheTextOfVersion01) {
  EXPECT_THAT(summary_neurons({{"network", "784-500-10"}}), ElementsAre(500, 10));
  EXPECT_THAT(summary_neurons({{"network", "784-x"}}), IsEmpty());
  EXPECT_THAT(summary_neurons({{"network", 7}}), IsEmpty());
}

TEST(Metrics, AreKnownByOldAndNewKeys) {
  ASSERT_NE(find_metric("images_per_second"), nullptr);
  EXPECT_EQ(find_metric("images_per_second")->key, "samples_per_second");
  EXPECT_EQ(find_metric(""), nullptr);
  EXPECT_TRUE(is_share("test_accuracy"));
  EXPECT_TRUE(is_share("silent_fraction"));
  EXPECT_TRUE(is_share("untrained_accuracy"));
  EXPECT_FALSE(is_share("test_loss"));
  EXPECT_EQ(title_of("test_accuracy"), "test accuracy");
}

TEST(Metrics, ReadTheirValueFromARow) {
  MetricsRow row;
  row.test.ties = 3;
  row.lr = 0.5;
  EXPECT_EQ(metric::kTestTies.value(row), 3);
  EXPECT_EQ(metric::kLearningRate.value(row), 0.5);
  EXPECT_EQ(metric::kTestLoss.value(row), std::nullopt);
}

}  // namespace
}  // namespace snn
