// Folders of runs and sweeps that have no locks, are replaced, are closed, or fail early.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "cli/program_test.h"
#include "snn/train/checkpoint.h"
#include "system/locked_folder.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Folders : public ProgramTest {
 protected:
  // Calls `act` once, when standard error contains `sign`.
  static ProcessOptions when(const std::string& sign, const std::function<void(pid_t)>& act) {
    ProcessOptions options;
    options.on_err = [=, is_done = false](pid_t child, const std::string& err) mutable {
      if (is_done || err.find(sign) == std::string::npos) return;
      is_done = true;
      act(child);
    };
    return options;
  }

  static ProcessOptions without_locks(int error) {
    return {.environment = {{"LD_PRELOAD", SNN_NO_LOCKS_LIBRARY},
                            {"ASAN_OPTIONS", "verify_asan_link_order=0"},
                            {"SNN_FLOCK_ERROR", std::to_string(error)}}};
  }

  // Puts an empty folder in the place of DIR, which continues to exist elsewhere.
  void replace(const std::string& dir) const {
    fs::rename(path(dir), path("moved"));
    fs::create_directory(path(dir));
  }

  static std::ptrdiff_t count(const std::string& text, const std::string& part) {
    std::ptrdiff_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
    return found;
  }
};

TEST_F(Folders, OfRunsNeedNoLocks) {
  for (const int error : {ENOSYS, ENOLCK, EOPNOTSUPP, EINVAL}) {
    const std::string name = "run-" + std::to_string(error);
    const ProcessResult result =
        train(small_training() + Words{"--run-name", name}, without_locks(error));
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(
        count(result.err, "warning: runs/" + name + ": the file system does not support locks"), 1);
  }
  const ProcessResult resumed = train(
      Words{"--data-dir", fixture(), "--resume", "runs/run-" + std::to_string(ENOSYS), "-e", "3"},
      without_locks(ENOSYS));
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(count(resumed.err, "the file system does not support locks"), 1);
  const ProcessResult locked = train(small_training() + Words{"--run-name", "with"});
  EXPECT_THAT(locked.err, Not(HasSubstr("support locks")));
}

TEST_F(Folders, OfSweepsNeedNoLocks) {
  const ProcessResult result =
      sweep(Words{"--seeds", "2", "--out-dir", "a"} + small_training(), without_locks(ENOLCK));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(count(result.err, "warning: a: the file system does not support locks"), 1);
}

TEST_F(Folders, OfRunsThatWereReplacedAreLeftAlone) {
  const ProcessResult result = train(small_training() + Words{"-e", "3000", "--run-name", "a"},
                                     when(" 1/3000 ", [&](pid_t) { replace("runs/a"); }));
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(count(result.err, "runs/a: its folder was replaced"), 1) << result.err;
  EXPECT_TRUE(fs::is_empty(path("runs/a")));
  // The files written until then are complete.
  EXPECT_GE(load_checkpoint(path("moved/checkpoints/last.safetensors")).progress.epoch, 1);
  const ProcessResult other = train(small_training() + Words{"--run-name", "b", "-e", "3000"},
                                    when(" 1/3000 ", [&](pid_t child) {
                                      fs::rename(path("runs/b"), path("runs/c"));
                                      ::kill(child, SIGTERM);
                                    }));
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.err, HasSubstr("runs/b: its folder was replaced"));
  EXPECT_FALSE(fs::exists(path("runs/b")));
}

TEST_F(Folders, OfSweepsThatWereReplacedAreLeftAlone) {
  const Words words = {"--set", "hidden=10,300", "--data-dir", fixture(), "-T", "2000",      "-e",
                       "3000",  "--out-dir",     "a",          "--jobs",  "2",  "--threads", "1"};
  // The first run is ended by a signal of the test while the other is still training.
  bool is_replaced = false;
  ProcessOptions options;
  options.on_err = [&](pid_t, const std::string&) {
    if (is_replaced) return;
    while (!fs::exists(path("a/runs/hidden=10_seed=1/metrics.csv"))) sched_yield();
    is_replaced = true;
    replace("a");
  };
  const ProcessResult result = sweep(words, options);
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(count(result.err, "a: its folder was replaced"), 1) << result.err;
  EXPECT_TRUE(fs::is_empty(path("a")));
  for (const char* run : {"moved/runs/hidden=10_seed=1", "moved/runs/hidden=300_seed=1"}) {
    while (is_locked(path(run))) sched_yield();  // its process ends with the sweep
  }
}

TEST_F(Folders, OfRunsThatFailedAtOnceAreNotGoneOnWith) {
  // A folder blocks the path of the first checkpoint.
  fs::create_directories(path("runs/a/checkpoints/last.safetensors.tmp/x"));
  write_text(path("runs/a/train.log"), "");
  const ProcessResult failed = train(small_training() + Words{"--run-name", "a"});
  EXPECT_EQ(failed.code, 1) << failed.err;
  EXPECT_FALSE(fs::exists(path("runs/a/checkpoints/last.safetensors")));
  fs::remove_all(path("runs/a/checkpoints/last.safetensors.tmp"));

  const ProcessResult next = train(small_training() + Words{"--resume", "auto"});
  EXPECT_EQ(next.code, 0) << next.err;
  EXPECT_THAT(next.err, HasSubstr("no unfinished run in runs: starting a new one"));
  EXPECT_TRUE(fs::exists(path("runs/mnist-0001/summary.json")));
  const ProcessResult again = train(small_training() + Words{"--run-name", "a"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(fs::exists(path("runs/a/summary.json")));
}

TEST_F(Folders, NeverSayInternalErrorForAPath) {
  fs::create_directory(path("runs"));
  fs::create_symlink("loop", path("runs/loop"));
  const std::string longest(300, 'x');
  const std::vector<std::pair<int, ProcessResult>> results = {
      {2, train(small_training() + Words{"--run-name", "loop"})},
      {2, train(small_training() + Words{"--run-name", "loop", "--resume", "auto"})},
      {5, train(small_training() + Words{"--resume", "runs/loop"})},
      {5, train(small_training() + Words{"--resume", longest})},
      {2, train(small_training() + Words{"--out-dir", ""})},
      {2, train(small_training() + Words{"--out-dir", "", "--dry-run"})},
      {2, train(small_training() + Words{"--out-dir", longest})},
      {5, eval({"runs/loop"})},
      {5, eval({longest})},
      {2, report({"runs/loop"})},
      {2, report({longest})},
      {2, sweep({"--seeds", "2", "--dry-run", "--out-dir", "runs/loop"})},
      {2, sweep({"--seeds", "2", "--dry-run", "--out-dir", longest})},
      {2, neuron({"--current", longest})},
      {2, neuron({"--current", "runs/loop"})}};
  for (const auto& [code, result] : results) {
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_THAT(result.err, Not(HasSubstr("internal error")));
    EXPECT_NE(result.err, "");
  }
}

TEST_F(Folders, SayThatTheyAreClosed) {
  if (::geteuid() == 0) GTEST_SKIP() << "to root no folder is closed";
  ASSERT_EQ(train(small_training() + Words{"--run-name", "a"}).code, 0);
  ASSERT_EQ(sweep(Words{"--seeds", "2", "--out-dir", "s/t"} + small_training()).code, 0);
  for (const char* folder : {"runs", "s"}) fs::permissions(path(folder), fs::perms::none);
  const std::vector<ProcessResult> results = {
      train(small_training() + Words{"--resume", "runs/a"}), eval({"runs/a"}), report({"runs/a"}),
      sweep(Words{"--seeds", "2", "--dry-run", "--out-dir", "s/t"} + small_training())};
  for (const char* folder : {"runs", "s"}) fs::permissions(path(folder), fs::perms::owner_all);
  for (const ProcessResult& result : results) {
    EXPECT_NE(result.code, 0);
    EXPECT_THAT(result.err, HasSubstr("Permission denied"));
  }
}

TEST_F(Folders, FollowNoLinksWhereTheyWrite) {
  fs::create_directories(path("runs/a"));
  write_text(path("victim"), "precious");
  write_text(path("runs/a/train.log"), "");
  for (const char* file : {"config.yaml.tmp", "metrics.csv.tmp", "summary.json.tmp"}) {
    fs::create_symlink("../../victim", path("runs/a") / file);
  }
  const ProcessResult result = train(small_training() + Words{"--run-name", "a"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(bytes_of(path("victim")), "precious");
  EXPECT_FALSE(fs::is_symlink(path("runs/a/config.yaml")));
}

TEST_F(Folders, OfSweepsGoOnWithoutTables) {
  const Words words = Words{"--seeds", "3", "--out-dir", "a"} + small_training();
  fs::create_directories(path("a/sweep.csv.tmp/x"));
  const ProcessResult result = sweep(words);
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(count(result.err, "warning: cannot write a/sweep.csv: "), 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("re-run the same command to rewrite the tables"));
  EXPECT_THAT(result.err, HasSubstr("3/3  done"));
  EXPECT_THAT(result.out, Not(HasSubstr("sweep.csv")));
  for (const char* other : {"a/ranking.csv", "a/best.yaml"}) EXPECT_TRUE(fs::exists(path(other)));
  fs::remove_all(path("a/sweep.csv.tmp"));
  write_text(path("a/logs/seed=1.exit.tmp"), "0");
  EXPECT_EQ(sweep(words).code, 0);
  EXPECT_EQ(count(bytes_of(path("a/sweep.csv")), ",done,0,"), 3);
  EXPECT_FALSE(fs::exists(path("a/logs/seed=1.exit.tmp")));
}

}  // namespace
}  // namespace snn::cli
