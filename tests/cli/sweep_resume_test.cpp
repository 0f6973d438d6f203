// The same command resumes an interrupted or killed snn-sweep.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/sweep_test.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(SnnSweep, GoesOnAfterItWasKilled) {
  const ProcessResult killed = sweep_long("a", [](pid_t child) { ::kill(child, SIGKILL); });
  ASSERT_EQ(killed.code, -SIGKILL);
  // Its runs end with it: none continues alone.
  const std::string run = "a/runs/steps=2000_hidden=300_epochs=5_seed=1";
  while (is_locked(path(run))) sched_yield();
  EXPECT_FALSE(fs::exists(path(run + "/summary.json")));
  const ProcessResult resumed = sweep_long("a");
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("4 runs in a, 1 of them done"));
  EXPECT_THAT(bytes_of(path("a/logs/steps=2000_hidden=300_epochs=5_seed=1.log")),
              HasSubstr("resuming a/runs/steps=2000_hidden=300_epochs=5_seed=1/checkpoints"));
  const ProcessResult unbroken = sweep_long("b");
  EXPECT_EQ(unbroken.code, 0) << unbroken.err;
  EXPECT_EQ(timeless_rows(path("a/sweep.csv")), timeless_rows(path("b/sweep.csv")));
  EXPECT_EQ(bytes_of(path("a/ranking.csv")), bytes_of(path("b/ranking.csv")));
}

TEST_F(SnnSweep, IsInterruptedByASignalAndGoesOn) {
  for (const auto& [signal, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143)}) {
    const std::string dir = std::to_string(code);
    const ProcessResult result =
        sweep_long(dir, [signal = signal](pid_t child) { ::kill(child, signal); });
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_THAT(result.err,
                AllOf(HasSubstr("stopping: each run writes a checkpoint first\n"),
                      HasSubstr("runs unfinished; re-run the same command to resume\n")));
    expect_nobody_in(dir + "/runs");
    const auto statuses = column(rows(path(dir + "/sweep.csv")), "status");
    EXPECT_EQ(statuses.at(0), "done");
    EXPECT_EQ(statuses.at(1), "interrupted");
    EXPECT_EQ(std::ranges::count(statuses, "failed"), 0);
  }
  EXPECT_EQ(sweep_long("130").code, 0);
  EXPECT_EQ(sweep_long("143").code, 0);
  EXPECT_EQ(timeless_rows(path("130/sweep.csv")), timeless_rows(path("143/sweep.csv")));
}

TEST_F(SnnSweep, EndsAtOnceAtTheSecondSignal) {
  int signals = 0;
  ProcessOptions options;
  options.on_err = [&](pid_t child, const std::string& err) {
    const std::string awaited = signals == 0 ? "ready\n" : "stopping: ";
    if (signals == 2 || err.find(awaited) == std::string::npos) return;
    ++signals;
    ::kill(child, SIGINT);
  };
  const ProcessResult result =
      sweep({"--seeds", "2", "--jobs", "1", "--command",
             // The processes started by the shell must end too, since they hold the test's pipe
             // open.
             ": {command}; trap '' INT; exec 2>/proc/$PPID/fd/2; echo ready >&2; sleep 100; echo "
             "over >&2"},
            options);
  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_THAT(result.err, AllOf(Not(HasSubstr("to resume")), Not(HasSubstr("over"))));
}

TEST_F(SnnSweep, WaitsForARunThatAnotherProcessTrains) {
  fs::create_directories(path("a/runs/seed=1"));
  auto lock = LockedFolder::lock(path("a/runs/seed=1"));
  ASSERT_TRUE(lock);
  ProcessOptions options;
  options.on_err = [&](pid_t, const std::string& err) {
    const bool has_told = err.find("waiting until it ends") != std::string::npos;
    const bool has_passed = err.find("1/2  done") != std::string::npos;
    if (has_told && has_passed) lock.reset();
  };
  const ProcessResult result = sweep_small({"--seeds", "2", "--out-dir", "a"}, options);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("a/runs/seed=1: another process is training in it"));
  EXPECT_FALSE(lock);
}

TEST_F(SnnSweep, GivesBetterSettingsMoreEpochs) {
  write_text(path("a.yaml"),
             "method: successive-halving\n"
             "metric: train_loss\n"
             "options: {steps: 500, hidden: 100, batch-size: 4}\n"
             "eta: 2\n"
             "parameters: {lr: {values: [1e-7, 0.001, 1e-6, 0.0001]}}\n");
  const Words words = {"a.yaml", "--data-dir", fixture(), "--epochs", "4"};
  // snn-sweep is killed when this run has more epochs than the rung that selected it.
  bool is_killed = false;
  ProcessOptions options;
  options.on_err = [&](pid_t child, const std::string& err) {
    if (is_killed || err.find("continue to epoch 4") == std::string::npos) return;
    const fs::path metrics = path("sweeps/a/runs/lr=0.001_seed=1/metrics.csv");
    while (bytes_of(metrics).find("\n3,") == std::string::npos) sched_yield();
    is_killed = ::kill(child, SIGKILL) == 0;
  };
  const ProcessResult killed = sweep(words, options);
  EXPECT_EQ(killed.code, -SIGKILL) << killed.err;
  const ProcessResult result = sweep(words);
  EXPECT_EQ(result.code, 0) << result.err;
  const auto table = timeless_rows(path("sweeps/a/sweep.csv"));
  EXPECT_THAT(column(table, "status"), ElementsAre("stopped", "done", "stopped", "stopped"));
  EXPECT_THAT(column(table, "epochs"), ElementsAre("1", "4", "1", "2"));
  EXPECT_EQ(sweep(words + Words{"--out-dir", "b"}).code, 0);
  EXPECT_EQ(timeless_rows(path("b/sweep.csv")), table);
  for (const char* damaged : {"{", "{}", R"({"kept":[[7]]})"}) {
    write_text(path("b/rungs.json"), damaged);
    EXPECT_THAT(sweep(words + Words{"--out-dir", "b"}).err,
                HasSubstr("b/rungs.json: damaged; remove it to repeat the selection"))
        << damaged;
  }
  const auto straight = train({"--data-dir", fixture(), "--steps", "500", "--hidden", "100", "-b",
                               "4", "-e", "4", "--lr", "0.001", "--json"});
  EXPECT_EQ(format_real(parse(straight.out)["train_loss"].get<double>()),
            table[1].at("train_loss"));
}

}  // namespace
}  // namespace snn::cli
