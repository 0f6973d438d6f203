// Options of training through the programs: docs/training.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_test.h"
#include "snn/train/checkpoint.h"

namespace snn::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(RunTest, TrainsResumesAndAnswersWithEveryOptionOfTraining) {
  const Words options = {
      "--ema",   "0.5", "--accumulate", "2", "--dropout", "0.3", "--dropout-per-step",
      "--tbptt", "2",   "--max-norm",   "1", "--lr",      "0.05"};
  train_as("whole", options + Words{"-e", "2"});
  train_as("part", options + Words{"-e", "1"});
  const ProcessResult resumed = resume("part", {"-e", "2"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(last("part"), last("whole"));
  EXPECT_EQ(timeless_metrics("part"), timeless_metrics("whole"));
  const Checkpoint checkpoint = load_checkpoint(path("runs/whole/checkpoints/last.safetensors"));
  EXPECT_EQ(checkpoint.state.step, 4) << "two steps of an epoch's four batches";
  EXPECT_TRUE(has_averages(checkpoint.state.tensors));
}

TEST_F(RunTest, EvaluatesTheMovingAverageUnlessTheRawWeightsAreAskedFor) {
  train_as("a", {"--ema", "0.9", "--lr", "0.05"});
  const Words of_run = {"runs/a", "--data-dir", fixture()};
  const auto summary = parse(bytes_of(path("runs/a/summary.json")));
  const auto average = parse(eval(of_run + Words{"--json"}).out);
  const auto raw = parse(eval(of_run + Words{"--json", "--raw"}).out);
  EXPECT_EQ(average.at("weights"), "average");
  EXPECT_EQ(raw.at("weights"), "raw");
  EXPECT_EQ(average.at("loss"), summary.at("test_loss"));
  EXPECT_NE(average.at("loss"), raw.at("loss"));
  const std::string line = "\nweights     their moving average (ema 0.9)";
  EXPECT_THAT(eval(of_run).out, HasSubstr(line));
  EXPECT_THAT(eval(of_run + Words{"--raw"}).out, Not(HasSubstr("\nweights ")));
}

TEST_F(RunTest, RefusesTrainingOptionsOutOfRange) {
  const ProcessResult result =
      train(small_training() + Words{"--dropout", "1", "--ema", "1", "--accumulate", "0", "--tbptt",
                                     "-1", "--max-norm", "-2"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("--dropout: expected a number in [0, 1), found '1'"),
                                HasSubstr("--ema: expected a number in [0, 1), found '1'"),
                                HasSubstr("--accumulate: expected an integer in ["),
                                HasSubstr("--tbptt: expected an integer in ["),
                                HasSubstr("--max-norm: expected a number >= 0, found '-2'")));
}

}  // namespace
}  // namespace snn::cli
