#include "snn/train/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.h"

namespace snn {
namespace {

using testing::HasSubstr;

TEST(ScheduleText, ReadsBackExactly) {
  for (const char* text : {"none", "cosine:floor=0.01", "step:every=2,gamma=0.5"}) {
    EXPECT_EQ(to_string(parse_schedule(text)), text);
  }
  EXPECT_EQ(to_string(parse_schedule("cosine")), "cosine:floor=0");
  EXPECT_EQ(to_string(parse_schedule("step:gamma=0.3")), "step:every=1,gamma=0.3");
}

TEST(ParseSchedule, SaysWhatIsWrong) {
  const auto error = [](const char* text) { return error_of([&] { parse_schedule(text); }); };
  EXPECT_EQ(error("cosin"),
            "expected a schedule (none, cosine or step), found 'cosin' (did you mean 'cosine'?)");
  EXPECT_EQ(error("cosine:floor=2"),
            "schedule 'cosine': floor: expected a number in [0, 1], found '2'");
  EXPECT_EQ(error("step:gamma=0"),
            "schedule 'step': gamma: expected a number in (0, 1], found '0'");
  EXPECT_EQ(error("step:every=0.5"), "schedule 'step': every: expected a number >= 1, found '0.5'");
  EXPECT_THAT(error("none:floor=0"), HasSubstr("it has none"));
}

// The learning rate in a training of two epochs of ten steps each, with a base rate of 0.1.
double at(const char* schedule, std::int64_t step, double warmup_epochs = 0) {
  return learning_rate(parse_schedule(schedule), 0.1, warmup_epochs, 10, 2, step);
}

TEST(LearningRate, StaysWithoutASchedule) {
  for (const std::int64_t step : {0, 7, 19, 1000}) EXPECT_EQ(at("none", step), 0.1);
}

TEST(LearningRate, FollowsACosineFromTheFirstStepToTheEnd) {
  EXPECT_DOUBLE_EQ(at("cosine", 0), 0.1);
  EXPECT_DOUBLE_EQ(at("cosine", 10), 0.05);
  EXPECT_GT(at("cosine", 19), 0);
  EXPECT_DOUBLE_EQ(at("cosine", 20), 0);
  EXPECT_DOUBLE_EQ(at("cosine", 21), 0);
  EXPECT_DOUBLE_EQ(at("cosine:floor=0.2", 10), 0.06);
  EXPECT_DOUBLE_EQ(at("cosine:floor=0.2", 20), 0.02);
}

TEST(LearningRate, DropsAfterWholeEpochs) {
  EXPECT_DOUBLE_EQ(at("step:gamma=0.5", 9), 0.1);
  EXPECT_DOUBLE_EQ(at("step:gamma=0.5", 10), 0.05);
  EXPECT_DOUBLE_EQ(at("step:every=1.5,gamma=0.5", 14), 0.1);
  EXPECT_DOUBLE_EQ(at("step:every=1.5,gamma=0.5", 15), 0.05);
}

TEST(LearningRate, RisesInTheWarmupAndThenFollowsTheSchedule) {
  EXPECT_DOUBLE_EQ(at("none", 0, 0.5), 0.02);
  EXPECT_DOUBLE_EQ(at("none", 4, 0.5), 0.1);
  EXPECT_DOUBLE_EQ(at("cosine", 4, 0.5), 0.1);
  EXPECT_DOUBLE_EQ(at("cosine", 5, 0.5), 0.1);
  EXPECT_DOUBLE_EQ(at("cosine", 20, 0.5), 0);
  EXPECT_DOUBLE_EQ(at("step:gamma=0.5", 14, 0.5), 0.1);
  EXPECT_DOUBLE_EQ(at("step:gamma=0.5", 15, 0.5), 0.05);
}

TEST(LearningRate, IsDefinedWhereTheWarmupTakesTheWholeRun) {
  EXPECT_DOUBLE_EQ(at("cosine", 19, 2), 0.1);
  EXPECT_DOUBLE_EQ(at("cosine", 19, 4), 0.05);
}

}  // namespace
}  // namespace snn
