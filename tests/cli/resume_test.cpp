// snn-train resumes a stopped, interrupted or killed run to the same files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_test.h"
#include "snn/train/checkpoint.h"
#include "snn/train/settings.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using SnnTrain = RunTest;

TEST_F(SnnTrain, TakesAwayTheReportOfARunThatGoesOn) {
  train_as("a", {"-e", "1"});
  ASSERT_TRUE(fs::exists(path("runs/a/report.html")));
  ProcessOptions options;
  bool is_done = false;
  options.on_err = [&](pid_t child, const std::string& err) {
    if (is_done || err.find(" 2/3000 ") == std::string::npos) return;
    is_done = true;
    ::kill(child, SIGINT);
  };
  const ProcessResult result =
      train({"--data-dir", fixture(), "--resume", "runs/a", "-e", "3000"}, options);
  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_FALSE(fs::exists(path("runs/a/report.html"))) << "it tells of an end that was none";
  EXPECT_FALSE(fs::exists(path("runs/a/predictions.csv")));
}

TEST_F(SnnTrain, SaysThatASummaryCannotBeReplaced) {
  train_as("a", {"-e", "1"});
  fs::remove(path("runs/a/summary.json"));
  fs::create_directories(path("runs/a/summary.json/folder"));
  const ProcessResult result = train({"--data-dir", fixture(), "-e", "2", "--resume", "runs/a"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("snn-train: cannot remove runs/a/summary.json: "));
}

TEST_F(SnnTrain, GoesOnFromARunStoppedAfterAnEpoch) {
  train_as("whole");
  train_as("a", {"-e", "1"});
  const std::string after_one = last("a");
  EXPECT_NE(after_one, last("whole"));
  const ProcessResult result =
      train({"--data-dir", fixture(), "--epochs", "2", "--resume", "runs/a"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("resuming runs/a/checkpoints/last.safetensors after epoch 1"));
  EXPECT_EQ(last("a"), last("whole"));
  EXPECT_EQ(timeless_metrics("a"), timeless_metrics("whole"));
  const auto summary = parse(bytes_of(path("runs/a/summary.json")));
  EXPECT_EQ(summary["epochs"], 2);
  EXPECT_EQ(summary["configuration"]["epochs"], 2);
  EXPECT_EQ(summary["test_accuracy"],
            parse(bytes_of(path("runs/whole/summary.json")))["test_accuracy"]);
  // The configuration that repeats the run has its final number of epochs.
  Settings settings;
  apply_yaml(bytes_of(path("runs/a/config.yaml")), "config.yaml", settings);
  EXPECT_EQ(settings.config.epochs, 2);

  const ProcessResult again = train({"--data-dir", fixture(), "--resume", "runs/a"});
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("all 2 epochs are done; to continue, give a larger --epochs"));
  EXPECT_EQ(last("a"), last("whole"));

  // An unreadable summary is not a sign of the end.
  write_text(path("runs/a/summary.json"), "{\"outcome\":\"fini");
  EXPECT_EQ(train({"--data-dir", fixture(), "--resume", "runs/a"}).code, 0);
  EXPECT_EQ(parse(bytes_of(path("runs/a/summary.json")))["test_loss"], summary["test_loss"]);
  EXPECT_EQ(last("a"), last("whole"));
}

TEST_F(SnnTrain, SaysThatPatienceEndedARunForGood) {
  train_as("a", {"-e", "9", "--patience", "1", "--validation", "20", "--lr", "1e-30"});
  const ProcessResult again = train({"--data-dir", fixture(), "--resume", "runs/a"});
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("runs/a: stopped early after 2 epochs and cannot be resumed\n"));
}

TEST_F(SnnTrain, GoesOnInTheRunThatIsNamed) {
  const Words data = {"--data-dir", fixture()};
  train_as("a", {"-e", "1"});
  fs::remove(path("runs/a/summary.json"));
  train_as("b", {"-e", "1"});
  fs::remove(path("runs/b/summary.json"));
  const std::string b = last("b");

  const ProcessResult other = train(data + Words{"--resume", "runs/b", "--run-name", "a"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("run-name: a is not the run to resume, runs/b"));

  const ProcessResult named = train(data + Words{"-e", "2", "--resume", "auto", "--run-name", "a"});
  EXPECT_EQ(named.code, 0) << named.err;
  EXPECT_THAT(named.out, HasSubstr("(epoch 2)"));
  EXPECT_THAT(named.out, HasSubstr("runs/a/"));

  const ProcessResult anew = train(small_training() + Words{"--resume", "auto", "--run-name", "c"});
  EXPECT_EQ(anew.code, 0) << anew.err;
  EXPECT_THAT(anew.err, HasSubstr("no c in runs: starting a new one"));
  EXPECT_EQ(last("c"), last("a"));
  EXPECT_EQ(last("b"), b);

  const ProcessResult same =
      train(data + Words{"-e", "2", "--resume", "runs/b", "--run-name", "b"});
  EXPECT_EQ(same.code, 0) << same.err;
  EXPECT_EQ(last("b"), last("a"));
}

TEST_F(SnnTrain, LeavesFilesOfOthersBesideACheckpoint) {
  train_as("a", {"-e", "1"});
  fs::create_directories(path("home/checkpoints"));
  write_text(path("home/config.yaml"), "mine");
  write_text(path("home/summary.json"), "mine");
  fs::copy(path("runs/a/checkpoints/last.safetensors"), path("home/checkpoints/own.safetensors"));
  const ProcessResult result =
      train({"--data-dir", fixture(), "-e", "2", "--resume", "home/checkpoints/own.safetensors"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("after epoch 1, in a new run directory"));
  EXPECT_THAT(result.out, HasSubstr("runs/mnist-0001/"));
  EXPECT_EQ(bytes_of(path("home/config.yaml")), "mine");
  EXPECT_EQ(bytes_of(path("home/summary.json")), "mine");
}

TEST_F(SnnTrain, EvaluatesAFinishedRunAnewThatHasLostItsResults) {
  const std::string out = train_as("a").out;
  const std::string accuracy = out.substr(0, out.find('\n'));
  fs::remove(path("runs/a/metrics.csv"));
  fs::remove(path("runs/a/summary.json"));
  const ProcessResult result = train({"--data-dir", fixture(), "--resume", "runs/a"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("warning: runs/a/metrics.csv: the rows of these epochs are "
                                    "missing: 0-2\n"));
  EXPECT_THAT(result.out, StartsWith(accuracy));
  EXPECT_TRUE(parse(bytes_of(path("runs/a/summary.json")))["test_accuracy"].is_number());
}

TEST_F(SnnTrain, KeepsTheResultOptionsOfARun) {
  train_as("a", {"--lr-schedule", "cosine", "-e", "1"});
  const std::string before = last("a");
  const ProcessResult lr = train(
      {"--data-dir", fixture(), "--resume", "runs/a", "--lr", "0.5", "--beta", "0.95", "-T", "6"});
  EXPECT_EQ(lr.code, 2);
  EXPECT_THAT(lr.err, HasSubstr("--lr: lr is 0.5, but the checkpoint's is 0.001"));
  EXPECT_THAT(lr.err, HasSubstr("--steps: steps is 6, but the checkpoint's is 5"));
  EXPECT_THAT(lr.err, Not(HasSubstr("beta"))) << "the same value is no difference";

  const ProcessResult epochs =
      train({"--data-dir", fixture(), "--resume", "runs/a", "--epochs", "2"});
  EXPECT_EQ(epochs.code, 2);
  EXPECT_THAT(epochs.err, HasSubstr("--epochs: epochs is 2, but the checkpoint's is 1; its "
                                    "lr-schedule spans those epochs"));
  EXPECT_EQ(last("a"), before);
}

TEST_F(SnnTrain, RefusesOtherDataWhenItGoesOn) {
  train_as("a", {"-e", "1"});
  fs::copy(fixture(), path("data"));
  fs::copy_file(path("data/t10k-images-idx3-ubyte.gz"), path("data/train-images-idx3-ubyte.gz"),
                fs::copy_options::overwrite_existing);
  const ProcessResult result = train({"--data-dir", "data", "-e", "2", "--resume", "runs/a"});
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, HasSubstr("the checkpoint was trained on different data"));

  // No folder is made for a run that cannot be resumed.
  fs::copy(path("runs/a/checkpoints/last.safetensors"), path("own.safetensors"));
  for (const Words& words : {Words{}, Words{"--dry-run"}}) {
    const ProcessResult refused =
        train(Words{"--data-dir", "data", "-e", "2", "--resume", "own.safetensors"} + words);
    EXPECT_EQ(refused.code, 3) << refused.err;
    EXPECT_FALSE(fs::exists(path("runs/mnist-0001")));
    EXPECT_EQ(fs::read_symlink(path("runs/latest")), "a");
  }
}

TEST_F(SnnTrain, RefusesDamagedCheckpoints) {
  train_as("a", {"-e", "1"});
  const fs::path checkpoint = path("runs/a/checkpoints/last.safetensors");
  for (const auto& [name, bytes] : ruined(bytes_of(checkpoint))) {
    write_text(checkpoint, bytes);
    write_text(path("runs/a/checkpoints/best.safetensors"), bytes);
    for (const char* meant : {"runs/a", "runs/a/checkpoints/last.safetensors"}) {
      const ProcessResult result = train({"--data-dir", fixture(), "-e", "2", "--resume", meant});
      EXPECT_EQ(result.code, 5) << name;
      EXPECT_THAT(result.err, StartsWith("snn-train: runs/a/checkpoints/last.safetensors: "))
          << name;
      EXPECT_EQ(bytes_of(checkpoint), bytes) << name << " was overwritten";
    }
  }
  const ProcessResult result = train({"--resume", "runs/none"});
  EXPECT_EQ(result.code, 5);
  EXPECT_EQ(result.err, "snn-train: runs/none: no such file\n");
}

TEST_F(SnnTrain, IsInterruptedBySignalsAndGoesOn) {
  for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
    const std::string name = "run" + std::to_string(code);
    const ProcessResult result =
        interrupt(name, [number = signal](pid_t child) { ::kill(child, number); });
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_EQ(result.out, "") << "no results of a run that is not done";
    EXPECT_THAT(result.err,
                testing::ContainsRegex(
                    "warning: interrupted by SIG[A-Z]+ in epoch [0-9]+ after batch [0-9]; "
                    "resume with: .*snn-train --config runs/" +
                    name + "/config.yaml --resume runs/" + name + "\n"));
    EXPECT_FALSE(fs::exists(path("runs/" + name + "/summary.json")));
    expect_to_go_on(name,
                    {"--config", "runs/" + name + "/config.yaml", "--resume", "runs/" + name});
  }
}

TEST_F(SnnTrain, GoesOnAfterItWasKilled) {
  train_as("done");
  const ProcessResult result = interrupt("a", [](pid_t child) { ::kill(child, SIGKILL); });
  EXPECT_EQ(result.code, -SIGKILL);
  expect_to_go_on("a", {"--data-dir", fixture(), "--resume", "auto"});
}

// Both signals are sent while the program is stopped, so that both are pending when it continues.
TEST_F(SnnTrain, EndsAtOnceAtTheSecondSignal) {
  const ProcessResult result = interrupt("a", [](pid_t child) {
    ::kill(child, SIGSTOP);
    ::kill(child, SIGINT);
    ::kill(child, SIGTERM);
    ::kill(child, SIGCONT);
  });
  EXPECT_THAT(result.code, testing::AnyOf(130, 143));
  EXPECT_THAT(result.err, Not(HasSubstr("interrupted by SIG")));
  const Checkpoint checkpoint = load_checkpoint(path("runs/a/checkpoints/last.safetensors"));
  EXPECT_GE(checkpoint.progress.epoch, 1);
  EXPECT_EQ(checkpoint.progress.batch, 0) << "the checkpoint of the last epoch is there";
}

TEST_F(SnnTrain, LeavesASignalIgnoredThatWasIgnored) {
  const auto act = [](pid_t child) {
    ::kill(child, SIGSTOP);
    ::kill(child, SIGINT);
    ::kill(child, SIGTERM);
    ::kill(child, SIGCONT);
  };
  const ProcessResult result = interrupt("a", act, "trap '' INT");
  EXPECT_EQ(result.code, 143);
  EXPECT_THAT(result.err, HasSubstr("interrupted by SIG"));
}

TEST_F(SnnTrain, LeavesACheckpointHoweverEarlyItIsInterrupted) {
  ProcessOptions options;
  options.on_err = [](pid_t child, const std::string& err) {
    if (err.ends_with("run      runs/a\n")) ::kill(child, SIGINT);
  };
  const ProcessResult result =
      train(small_training() + Words{"-e", "3000", "--run-name", "a"}, options);
  EXPECT_EQ(result.code, 130) << result.err;
  load_checkpoint(path("runs/a/checkpoints/last.safetensors"));
}

TEST_F(SnnTrain, StartsANewRunWhenThereIsNothingToGoOnWith) {
  train_as("a");
  const ProcessResult result = train(small_training() + Words{"--resume", "auto"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no unfinished run in runs: starting a new one"));
  EXPECT_THAT(result.out, HasSubstr("runs/mnist-0001/"));
  EXPECT_EQ(last("a"), last("mnist-0001"));
}

}  // namespace
}  // namespace snn::cli
