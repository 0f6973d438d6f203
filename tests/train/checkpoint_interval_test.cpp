#include "snn/train/checkpoint_interval.h"

#include <gtest/gtest.h>

#include "snn/text/error.h"
#include "snn/train/checkpoint.h"
#include "support/error_of.h"

namespace snn {
namespace {

TEST(CheckpointInterval, IsOneOfBatchesOrMinutes) {
  EXPECT_EQ(parse_checkpoint_interval("500"), (CheckpointInterval{500, 0}));
  EXPECT_EQ(parse_checkpoint_interval("0.5m"), (CheckpointInterval{0, 0.5}));
  EXPECT_EQ(parse_checkpoint_interval("0"), (CheckpointInterval{0, 0}));
  for (const char* text : {"500", "0.5m", "10m", "0"}) {
    EXPECT_EQ(to_string(parse_checkpoint_interval(text)), text);
  }
  for (const char* text : {"", "m", "-1", "0m", "1.5", "10s", "10 minutes"}) {
    const auto parse = [&] { parse_checkpoint_interval(text); };
    EXPECT_NE(error_of(ExitCode::kUsage, parse), "no error") << text;
  }
}

TEST(ProgressText, NamesTheBatchesOfAnEpochUnderWay) {
  Progress progress;
  progress.epoch = 5;
  EXPECT_EQ(to_string(progress, 5 * 469), "epoch 5");
  progress.batch = 123;
  EXPECT_EQ(to_string(progress, 5 * 469 + 123), "epoch 5 and 123 of 469 batches of the next epoch");
  progress.epoch = 0;
  EXPECT_EQ(to_string(progress, 123), "epoch 0 and 123 batches of the next epoch");
}

}  // namespace
}  // namespace snn
