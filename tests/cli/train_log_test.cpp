// train.log records why a run ended, and nothing depends on it.

#include <sys/stat.h>

#include "cli/run_test.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;

using TrainLog = RunTest;

TEST_F(TrainLog, SaysWhyARunEnded) {
  train_as("a");
  EXPECT_THAT(log("a"), ContainsRegex(" info finished after epoch 2\n$"));

  const ProcessResult again = resume("a");
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(log("a"), HasSubstr(" error runs/a: all 2 epochs are done"));

  const ProcessResult diverged = train(small_training() + Words{"--lr", "1e38", "--run-name", "b"});
  EXPECT_EQ(diverged.code, 4);
  const std::string line = diverged.err.substr(diverged.err.find("training diverged"));
  EXPECT_THAT(log("b"), HasSubstr(" error " + line)) << "the line of standard error";

  fs::create_directories(path("runs/c/checkpoints/last.safetensors.tmp/folder"));
  write_text(path("runs/c/train.log"), "");
  const ProcessResult failed = train(small_training() + Words{"--run-name", "c"});
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(log("c"), HasSubstr(" error cannot write runs/c/checkpoints/last.safetensors: "));
}

TEST_F(TrainLog, IsNotNeeded) {
  fs::create_directories(path("runs/fifo"));
  fs::create_directories(path("runs/link"));
  fs::create_directories(path("runs/folder/train.log"));
  write_text(path("victim"), "mine");
  ASSERT_EQ(::mkfifo(path("runs/fifo/train.log").c_str(), 0600), 0);
  fs::create_symlink(path("victim"), path("runs/link/train.log"));
  for (const auto& [name, why] : {std::pair("fifo", "not a regular file"),
                                  {"link", "it is a link"},
                                  {"folder", "Is a directory"}}) {
    const ProcessResult result = train_as(name);
    EXPECT_THAT(result.err, HasSubstr("warning: cannot write runs/" + std::string(name) +
                                      "/train.log: " + why + "; training continues without it\n"));
  }
  EXPECT_EQ(bytes_of(path("victim")), "mine");
}

}  // namespace
}  // namespace snn::cli
