// Numbers that have become too large, or that nobody can mean.

#include "cli/run_test.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using NotFinite = RunTest;

TEST_F(NotFinite, OptionsThatFloatsCannotHoldAreRefusedByName) {
  for (const std::string option :
       {"threshold", "graded-spikes-factor", "lr", "weight-decay", "clip-grad-norm"}) {
    for (const std::string value : {"1e39", "1e-300"}) {
      const ProcessResult result = train({"--" + option + "=" + value});
      EXPECT_EQ(result.code, 2) << option;
      EXPECT_THAT(result.err,
                  AllOf(HasSubstr("--" + option + ": expected a number >"),
                        HasSubstr(" representable as a 32-bit float (1.2e-38 to 3.4e+38), found '" +
                                  value + "'")));
    }
  }
  EXPECT_THAT(train({"--beta=1e-300"}).err,
              HasSubstr("--beta: expected a number in [0, 1] representable "));
  EXPECT_THAT(train({"--momentum=1e-300", "--optimizer=sgd"}).err,
              HasSubstr("representable as a 32-bit float"));
  EXPECT_THAT(train({"--surrogate=fast-sigmoid:slope=1e200"}).err,
              HasSubstr("slope: expected a number > 0 representable as a 32-bit float"));
  EXPECT_THAT(train({R"(--layers=[{"linear":{"outputs":10},"leaky":{"threshold":1e39}}])"}).err,
              HasSubstr("threshold: expected a number > 0 representable as a 32-bit float"));
}

// The loss of the initial weights is already infinite.
TEST_F(NotFinite, WeightsAreFoundBeforeTraining) {
  const ProcessResult result =
      train(small_training() + Words{"--graded-spikes-factor", "1e38", "--run-name", "a"});
  EXPECT_EQ(result.code, 4) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("training diverged in epoch 0, step 0: evaluation loss "),
                                Not(HasSubstr("last finite loss"))));
  EXPECT_FALSE(fs::exists(path("runs/a/metrics.csv"))) << "no row that nobody can read";
}

TEST_F(NotFinite, LossesAreNotSpokenOfWhereNoneWasSeen) {
  const ProcessResult result = train(small_training() + Words{"--lr", "1e38", "--run-name", "a"});
  EXPECT_EQ(result.code, 4);
  EXPECT_THAT(result.err, AllOf(HasSubstr("epoch 1, step 2: "), HasSubstr("last finite loss ")));
  EXPECT_THAT(result.err, HasSubstr("The last good checkpoint is runs/a/checkpoints/"
                                    "last.safetensors, after epoch 0\n"));
  const ProcessResult again = resume("a");
  EXPECT_EQ(again.code, 4);
}

TEST_F(NotFinite, IsNearlySoWithALossAMillionTimesTheFirst) {
  const ProcessResult result = train_as("a", {"--lr", "1e20"});
  EXPECT_THAT(result.err, HasSubstr("warning: epoch 1: the test loss is "));
  EXPECT_THAT(result.err, HasSubstr(", initially "));
  EXPECT_EQ(result.err.find(", initially "), result.err.rfind(", initially ")) << "said once";
}

TEST_F(NotFinite, NorIsALearningRateThatIsNeverReachedMeant) {
  const ProcessResult result = train_as("a", {"--lr-warmup", "10"});
  EXPECT_THAT(result.err, HasSubstr("warning: lr-warmup: the learning rate rises over 10 epochs, "
                                    "but the run has 2: it ends at 0.0002 and never reaches "
                                    "0.001\n"));
  EXPECT_THAT(train_as("b", {"--lr-warmup", "2"}).err, Not(HasSubstr("lr-warmup")));
}

TEST_F(NotFinite, NorAreLayersThatAreSilentForTheMostPart) {
  const ProcessResult result = train_as("a", {"--threshold", "3"});
  EXPECT_THAT(result.err, HasSubstr("% of its neurons were silent for every test image"));
}

}  // namespace
}  // namespace snn::cli
