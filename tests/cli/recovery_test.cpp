// Runs that lost files or were killed at a bad moment can still be resumed.

#include <algorithm>

#include "cli/run_test.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Recovery = RunTest;

TEST_F(Recovery, OfDamagedMetricsKeepsThemAndGoesOn) {
  train_as("whole");
  train_as("a", {"-e", "1"});
  const fs::path metrics = path("runs/a/metrics.csv");
  std::string damaged = bytes_of(metrics);
  const std::size_t digit = damaged.rfind('.');  // of samples_per_second of epoch 1
  damaged[digit] = '=';
  write_text(metrics, damaged);
  const ProcessResult result = resume("a", {"-e", "2"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("warning: runs/a/metrics.csv line 3: samples_per_second: expected a "
                              "number, found "),
                    HasSubstr("it is kept as runs/a/metrics.csv.damaged\n"),
                    HasSubstr("the rows of these epochs are missing: 1\n")));
  EXPECT_EQ(bytes_of(path("runs/a/metrics.csv.damaged")), damaged);
  EXPECT_EQ(last("a"), last("whole"));
  // The row of epoch 0 was readable, and epoch 1 could be evaluated again.
  const auto rows = timeless_metrics("a"), expected = timeless_metrics("whole");
  ASSERT_EQ(rows.size(), expected.size());
  EXPECT_EQ(rows[1], expected[1]);
  EXPECT_THAT(rows[2], StartsWith("1,4,,,,"));
  EXPECT_EQ(rows[3], expected[3]);
}

TEST_F(Recovery, ReadsMetricsAsAnEditorLeavesThem) {
  train_as("a", {"-e", "1"});
  const fs::path metrics = path("runs/a/metrics.csv");
  write_text(metrics, "\xEF\xBB\xBF" + join(split(bytes_of(metrics), '\n'), "\r\n"));
  const ProcessResult result = resume("a", {"-e", "2"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("warning")));
}

// Only the last checkpoint of a run is indispensable.
TEST_F(Recovery, NeedsNothingButTheLastCheckpoint) {
  train_as("whole");
  const auto lose_all_but_last = [&](const std::string& name) {
    train_as(name, {"-e", "1"});
    for (const char* file : {"config.yaml", "train.log", "metrics.csv", "summary.json",
                             "predictions.csv", "report.html", "checkpoints/best.safetensors"}) {
      ASSERT_TRUE(fs::remove(path("runs/" + name) / file)) << file;
    }
  };
  lose_all_but_last("a");
  lose_all_but_last("b");
  lose_all_but_last("c");
  const Words data = {"--data-dir", fixture(), "-e", "2", "-q"};
  EXPECT_EQ(train(data + Words{"--resume", "runs/a"}).code, 0);
  EXPECT_EQ(train(data + Words{"--resume", "auto", "--run-name", "b"}).code, 0);
  EXPECT_EQ(train(data + Words{"--resume", "auto"}).code, 0);
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(last(name), last("whole")) << name;
  EXPECT_FALSE(fs::exists(path("runs/mnist-0001"))) << "no new run";
}

TEST_F(Recovery, GoesOnFromTheBestCheckpointWhereTheLastIsDamaged) {
  train_as("whole", {"-e", "3"});
  train_as("a", {"-e", "2"});
  const std::string best = bytes_of(path(checkpoint_path("a", "best")));
  const std::string good = last("a");
  const Progress progress = deserialize(best, "best").progress;
  ASSERT_GE(progress.epoch, 1);
  for (const auto& [name, bytes] : ruined(good)) {
    write_text(path(checkpoint_path("a")), bytes);
    write_text(path(checkpoint_path("a", "best")), best);
    const ProcessResult eval_result = eval({"runs/a", "--data-dir", fixture(), "--json"});
    EXPECT_EQ(eval_result.code, 0) << eval_result.err;
    EXPECT_THAT(eval_result.err, AllOf(StartsWith("warning: runs/a/checkpoints/last.safetensors: "),
                                       HasSubstr("; evaluating runs/a/checkpoints/best.")));
    EXPECT_EQ(parse(eval_result.out)["epoch"], progress.epoch);

    const ProcessResult result = resume("a", {"-e", "3"});
    EXPECT_EQ(result.code, 0) << name << ": " << result.err;
    EXPECT_THAT(result.err,
                AllOf(HasSubstr("warning: runs/a/checkpoints/last.safetensors: "),
                      HasSubstr("; resuming from runs/a/checkpoints/best.safetensors instead; "
                                "training after it is lost")));
    EXPECT_EQ(last("a"), last("whole")) << name;
    EXPECT_EQ(timeless_metrics("a"), timeless_metrics("whole")) << name;
    EXPECT_EQ(bytes_of(path(checkpoint_path("a") + ".damaged")), bytes);
  }
  // The same holds for the newest unfinished run, and for a missing checkpoint.
  fs::remove(path("runs/a/summary.json"));
  fs::remove(path(checkpoint_path("a")));
  const ProcessResult result =
      train({"--data-dir", fixture(), "-e", "3", "--resume", "auto", "--report=false"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(last("a"), last("whole"));
}

// Without the checkpoint its weights are lost, so that its epoch can no longer count as the best.
TEST_F(Recovery, ChoosesTheBestAnewWhereItsCheckpointIsLost) {
  const Words validation = {"--validation", "30", "-e", "6", "--patience", "2"};
  train_as("whole", validation);
  const auto summary = parse(bytes_of(path("runs/whole/summary.json")));
  ASSERT_LT(summary["best_epoch"], summary["epochs"]) << "a test needs another setting";
  fs::remove(path(checkpoint_path("whole", "best")));
  const ProcessResult result = resume("whole");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(
      result.err,
      HasSubstr(
          "best.safetensors: missing, damaged or from another run; the best weights, from epoch "));
  EXPECT_EQ(parse(bytes_of(path("runs/whole/summary.json")))["reported_checkpoint"],
            "checkpoints/last.safetensors");
}

TEST_F(Recovery, SavesTheLastCheckpointThoughTheBestCannotBe) {
  fs::create_directories(path("runs/a/checkpoints/best.safetensors/folder"));
  fs::remove_all(path("runs/a/checkpoints/best.safetensors"));
  write_text(path("runs/a/train.log"), "");
  fs::create_directories(path("runs/a/checkpoints/best.safetensors.tmp/folder"));
  const ProcessResult result = train(small_training() + Words{"--run-name", "a"});
  EXPECT_EQ(result.code, 1);
  const std::string why = "cannot write runs/a/checkpoints/best.safetensors: ";
  EXPECT_THAT(result.err, HasSubstr("warning: " + why));
  EXPECT_THAT(result.err, HasSubstr("snn-train: " + why));
  EXPECT_EQ(result.err.find("warning: " + why), result.err.rfind("warning: " + why)) << "told once";
  EXPECT_EQ(load_checkpoint(path(checkpoint_path("a"))).progress.epoch, 2);
  fs::remove_all(path("runs/a/checkpoints/best.safetensors.tmp"));
  EXPECT_EQ(resume("a").code, 0);
}

TEST_F(Recovery, MakesWhatALateKillLeftOut) {
  train_as("a");
  const std::string predictions = bytes_of(path("runs/a/predictions.csv"));
  const std::string summary = bytes_of(path("runs/a/summary.json"));
  fs::remove(path("runs/a/report.html"));
  for (const char* leftover : {"report.html.tmp", "config.yaml.tmp", "pictures/loss.svg.tmp",
                               "checkpoints/last.safetensors.tmp"}) {
    write_text(path("runs/a") / leftover, "half");
  }
  write_text(path("runs/a/notes.tmp"), "mine");
  fs::create_directory_symlink("a", path("runs/.a.link"));
  const ProcessResult result = resume("a");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("runs/a/report.html is missing and will be regenerated\n"));
  EXPECT_THAT(result.out, HasSubstr("report         runs/a/report.html\n"));
  EXPECT_TRUE(fs::exists(path("runs/a/report.html")));
  EXPECT_EQ(bytes_of(path("runs/a/predictions.csv")), predictions);
  EXPECT_EQ(parse(bytes_of(path("runs/a/summary.json")))["test_loss"], parse(summary)["test_loss"]);
  std::size_t leftovers = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path("runs"))) {
    leftovers += entry.path().extension() == ".tmp" || entry.path().extension() == ".link";
  }
  EXPECT_EQ(leftovers, 1u) << "those of others are left";

  fs::remove(path("runs/a/predictions.csv"));
  EXPECT_EQ(resume("a").code, 0);
  EXPECT_EQ(bytes_of(path("runs/a/predictions.csv")), predictions);
  EXPECT_EQ(resume("a").code, 2) << "there is nothing left to do";

  train_as("b", {"--no-report"});
  EXPECT_EQ(resume("b").code, 2) << "nobody wants its report";
}

// A checkpoint within an epoch is resumed like any other.
TEST_F(Recovery, LosesNoMoreThanTheIntervalOfCheckpoints) {
  for (const char* interval : {"5", "0.000001m"}) {
    const std::string name = std::string("every-") + interval;
    const Words words = {"-b", "1", "--checkpoint-every", interval};
    ProcessOptions options;
    bool is_done = false;
    options.on_err = [&](pid_t child, const std::string& err) {
      if (is_done || err.find(" 0/2 ") == std::string::npos) return;
      is_done = true;
      const fs::path file = path(checkpoint_path(name));
      const auto is_early = [](const Progress& p) { return p.epoch == 0 && p.batch < 10; };
      while (is_early(load_checkpoint(file).progress)) sched_yield();
      ::kill(child, SIGKILL);
    };
    const ProcessResult killed =
        train(small_training() + words + Words{"--run-name", name}, options);
    ASSERT_EQ(killed.code, -SIGKILL);
    const Progress progress = load_checkpoint(path(checkpoint_path(name))).progress;
    EXPECT_GE(progress.batch, 10);
    EXPECT_TRUE(interval != std::string("5") || progress.batch % 5 == 0) << progress.batch;
    EXPECT_EQ(resume(name).code, 0);
    train_as(name + "-unbroken", {"-b", "1", "--checkpoint-every", "0"});
    EXPECT_EQ(last(name), last(name + "-unbroken"));
    EXPECT_EQ(timeless_metrics(name), timeless_metrics(name + "-unbroken"));
  }
  const ProcessResult wrong = train({"--checkpoint-every", "10s"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--checkpoint-every: expected batches (500), minutes (10m) or "
                                   "0, found '10s'"));
}

}  // namespace
}  // namespace snn::cli
