// Tests the drawing of snn-train on a terminal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_test.h"

namespace snn::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using SnnTrain = RunTest;

// A terminal line is redrawn from its start.
constexpr const char* kRedrawn = "\r\033[K";

ProcessOptions on_terminal(const char* no_color = "") {
  return {.on_terminal = true, .environment = {{"TERM", "xterm"}, {"NO_COLOR", no_color}}};
}

TEST_F(SnnTrain, DrawsTheEpochUnderWayOnATerminal) {
  // An epoch has 100 batches, far more than a person can tell apart.
  const Words words = small_training() + Words{"-b", "1", "--run-name", "a"};
  const ProcessResult result = train(words, on_terminal());
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr(kRedrawn + std::string("epoch 1/2 [>")));
  EXPECT_THAT(result.err, HasSubstr(kRedrawn + std::string("epoch 1/2 [=")));
  EXPECT_THAT(result.err, HasSubstr(kRedrawn + std::string("epoch 2/2 [=")));
  EXPECT_THAT(result.err, HasSubstr("] 100 %  0.0 s left, epoch 0.0 s  loss "));
  EXPECT_LT(split(result.err, '\r').size(), 200u) << "not drawn for each batch";
  EXPECT_THAT(result.err, testing::EndsWith("\r\n")) << "nothing of it is left";
  EXPECT_THAT(result.err, HasSubstr("\033[1msnn-train "));
  EXPECT_THAT(bytes_of(path("runs/a/train.log")),
              AllOf(HasSubstr(" info snn-train "), Not(HasSubstr("\033"))));
}

TEST_F(SnnTrain, DrawsWithoutColoursOnRequest) {
  const ProcessResult result = train(small_training(), on_terminal("1"));
  EXPECT_THAT(result.err, HasSubstr(kRedrawn + std::string("epoch 1/2 ")));
  EXPECT_THAT(result.err, Not(HasSubstr("\033[0m")));
}

TEST_F(SnnTrain, TakesTheBarAwayBeforeAnError) {
  const ProcessResult result = train(small_training() + Words{"--lr", "1e38"}, on_terminal());
  EXPECT_EQ(result.code, 4);
  EXPECT_THAT(result.err, HasSubstr(kRedrawn + std::string("epoch 1/2 ")));
  EXPECT_THAT(result.err, HasSubstr(kRedrawn + std::string("snn-train: training diverged")));
}

}  // namespace
}  // namespace snn::cli
