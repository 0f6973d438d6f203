// snn-sweep as a user runs it, with runs of the real snn-train that take a moment.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "cli/machine.h"
#include "cli/program_test.h"
#include "system/locked_folder.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Row = std::map<std::string, std::string>;

// The cells of a line of CSV.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) {
      all.emplace_back();
    } else if (c != '"') {
      all.back() += c;
    }
  }
  return all;
}

std::vector<Row> rows(const fs::path& csv) {
  const std::vector<std::string> lines = split(bytes_of(csv), '\n');
  const std::vector<std::string> names = cells(lines[0]);
  std::vector<Row> all;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::vector<std::string> values = cells(lines[i]);
    EXPECT_EQ(values.size(), names.size()) << lines[i];
    Row& row = all.emplace_back();
    for (std::size_t k = 0; k < names.size(); ++k) row[names[k]] = values[k];
  }
  return all;
}

std::vector<Row> timeless_rows(const fs::path& csv) {
  std::vector<Row> all = rows(csv);
  for (Row& row : all) {
    for (const char* column : {"seconds", "images_per_second", "peak_memory_mb", "threads"}) {
      EXPECT_EQ(row.erase(column), 1u) << column;
    }
  }
  return all;
}

std::vector<std::string> column(const std::vector<Row>& rows, const std::string& name) {
  std::vector<std::string> all;
  for (const Row& row : rows) all.push_back(row.at(name));
  return all;
}

class SnnSweep : public ProgramTest {
 protected:
  ProcessResult sweep_small(const Words& words, const ProcessOptions& options = {}) const {
    return sweep(base() + words, options);
  }
  // small_training() of a network whose size may be swept.
  static Words base() { return {"--data-dir", fixture(), "-T", "5", "-b", "32", "-e", "2"}; }

  // A sweep in DIR of a short run and three long ones, and what to do when the short one is done
  // and a long one is under way.
  ProcessResult sweep_long(
      const std::string& dir, const std::function<void(pid_t)>& act = [](pid_t) {}) const {
    write_text(path("long.yaml"),
               "options: {batch-size: 2}\n"
               "parameters:\n"
               "  - {steps: {value: 5}, hidden: {value: 10}, epochs: {value: 1}}\n"
               "  - {steps: {value: 2000}, hidden: {values: [300, 20, 10]}, epochs: {value: 5}}\n");
    bool is_done = false;
    ProcessOptions options;
    options.on_err = [&](pid_t child, const std::string& err) {
      if (is_done || err.find("1/4  done") == std::string::npos) return;
      is_done = true;
      const std::string checkpoint =
          dir + "/runs/steps=2000_hidden=300_epochs=5_seed=1/checkpoints/last.safetensors";
      while (!fs::exists(path(checkpoint))) sched_yield();
      EXPECT_THAT(column(rows(path(dir + "/sweep.csv")), "status"),
                  ElementsAre("done", "pending", "pending", "pending"));
      act(child);
    };
    return sweep({"long.yaml", "--data-dir", fixture(), "--out-dir", dir}, options);
  }

  // Whether nothing trains in the folders of the runs any more.
  void expect_nobody_in(const std::string& runs) const {
    for (const auto& entry : fs::directory_iterator(path(runs))) {
      if (entry.is_symlink()) continue;
      EXPECT_FALSE(is_locked(entry.path())) << entry.path();
    }
  }

  void write_program(const std::string& name, const std::string& script) const {
    write_text(path(name), "#!/bin/sh\n" + script);
    fs::permissions(path(name), fs::perms::owner_all);
  }

  // Stands in for Slurm on the PATH: sbatch does `action` with the script in $script.
  ProcessOptions with_slurm(const std::string& action, const std::string& squeue) const {
    fs::create_directory(path("bin"));
    write_program("bin/sbatch", "for script; do :; done\necho \"$@\" >>sbatch.log\n" + action +
                                    "\necho '42;cluster'\n");
    write_program("bin/squeue", squeue);
    return {
        .environment = {{"PATH", path("bin").string() + ":" + std::string(std::getenv("PATH"))}}};
  }
};

// Runs each task of the array in $script.
constexpr const char* kRunArray = R"sh(
for range in $(sed -n 's/^#SBATCH --array=\([^%]*\).*/\1/p' "$script" | tr , ' '); do
  for task in $(seq "${range%-*}" "${range#*-}"); do
    SLURM_ARRAY_TASK_ID=$task sh "$script"
  done
done)sh";

TEST_F(SnnSweep, HelpsAndStops) {
  const ProcessResult help = sweep({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("Usage: snn-sweep [SWEEP.yaml] [flags]"),
                              HasSubstr("-j, --jobs N"), HasSubstr("--beta REAL"),
                              Not(HasSubstr("--run-name")), HasSubstr("Examples:")));
  const ProcessResult version = sweep({"--version"});
  EXPECT_THAT(version.out, StartsWith("snn-sweep "));
  EXPECT_THAT(version.out, Not(HasSubstr("LibTorch")));
  write_text(path("completion"), sweep({"--completion", "bash"}).out);
  EXPECT_EQ(std::system(("bash -n " + path("completion").string()).c_str()), 0);
}

TEST_F(SnnSweep, LeavesOrdinaryRunsAndTheirRanking) {
  const ProcessResult result =
      sweep_small({"--set", "lr=0.01,0.03", "--set", "hidden=20,[15,10]", "--seeds", "2"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("rank    lr  hidden  seeds  test accuracy"),
                                HasSubstr("best setting  sweeps/lr-hidden/best.yaml\n"),
                                HasSubstr("report        sweeps/lr-hidden/report.html\n")));
  EXPECT_THAT(bytes_of(path("sweeps/lr-hidden/report.html")), HasSubstr("<svg"));
  EXPECT_THAT(result.err, AllOf(HasSubstr("8 runs in sweeps/lr-hidden"), HasSubstr("8/8  done"),
                                Not(HasSubstr("\033"))));
  const auto table = rows(path("sweeps/lr-hidden/sweep.csv"));
  ASSERT_EQ(table.size(), 8u);
  for (const Row& row : table) {
    const fs::path run = path("sweeps/lr-hidden/runs/" + row.at("run"));
    EXPECT_EQ(row.at("status"), "done");
    EXPECT_EQ(row.at("epochs"), "2");
    const auto summary = parse(bytes_of(run / "summary.json"));
    EXPECT_EQ(row.at("test_accuracy"), format_real(summary["test_accuracy"].get<double>()));
    EXPECT_EQ(summary["configuration"]["lr"], std::stod(row.at("lr")));
    EXPECT_EQ(summary["configuration"]["seed"], std::stoi(row.at("seed")));
    EXPECT_TRUE(fs::exists(run / "checkpoints/last.safetensors"));
  }
  const auto plan = parse(bytes_of(path("sweeps/lr-hidden/sweep.json")));
  EXPECT_THAT(keys_of(plan), ElementsAre("format_version", "name", "method", "metric",
                                         "default_decision", "parameters", "arguments", "runs"));
  EXPECT_EQ(plan["runs"][2]["values"]["hidden"], "15,10");

  const auto ranking = rows(path("sweeps/lr-hidden/ranking.csv"));
  ASSERT_EQ(ranking.size(), 4u);
  const ProcessResult best = train({"--config", "sweeps/lr-hidden/best.yaml", "--json"});
  ASSERT_EQ(best.code, 0) << best.err;
  const auto repeated = parse(best.out);
  const auto original = std::ranges::find(table, ranking[0].at("first_run"),
                                          [](const Row& r) { return r.at("run"); });
  EXPECT_EQ(format_real(repeated["test_loss"].get<double>()), original->at("test_loss"));

  const ProcessResult again = sweep_small(
      {"--set", "lr=0.01,0.03", "--set", "hidden=20,[15,10]", "--seeds", "2", "--json"});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.err, "") << "nothing is left to do";
  const auto json = parse(again.out);
  EXPECT_EQ(json["runs"]["done"], 8);
  EXPECT_EQ(json["ranking"].size(), 4u);
  EXPECT_EQ(json["ranking"][0]["values"]["lr"], ranking[0].at("lr"));
  EXPECT_EQ(rows(path("sweeps/lr-hidden/sweep.csv")), table);
}

TEST_F(SnnSweep, ListsItsRunsAndWritesNothing) {
  write_text(path("a.yaml"), "parameters: {beta: {values: [0.5, 0.9]}}\nseeds: [3]\n");
  const ProcessResult result = sweep({"a.yaml", "--dry-run", "--epochs", "4"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("2 runs in sweeps/a, 0 done (grid, maximize test_accuracy)\n"
                                     "pending      beta=0.5_seed=3  "));
  EXPECT_THAT(result.out,
              HasSubstr("snn-train --epochs 4 --beta 0.9 --seed 3 --run-name beta=0.9_seed=3 "
                        "--out-dir sweeps/a/runs --resume auto\n"));
  EXPECT_FALSE(fs::exists(path("sweeps")));
}

TEST_F(SnnSweep, RefusesBeforeAnythingRuns) {
  const ProcessResult options =
      sweep({"--set", "bata=1", "--jobs", "0", "--executor", "cloud", "--hiden", "3"});
  EXPECT_EQ(options.code, 2);
  EXPECT_THAT(options.err, AllOf(HasSubstr("unknown option 'bata' (did you mean 'beta'?)"),
                                 HasSubstr("--jobs: expected an integer in [1, 100000], found '0'"),
                                 HasSubstr("--executor: expected local, slurm or command"),
                                 HasSubstr("--hiden: unknown option (did you mean --hidden?)")));
  EXPECT_EQ(sweep({"none.yaml"}).code, 2);
  EXPECT_EQ(sweep({}).code, 2);
  write_text(path("own.yaml"), "run_name: a\n");
  EXPECT_THAT(sweep({"--seeds", "2", "--config", "own.yaml"}).err,
              HasSubstr("own.yaml line 1: run-name: is not for a sweep"));
  EXPECT_THAT(sweep({"--seeds", "2", "--snn-train", "/none"}).err,
              HasSubstr("/none: not a program; --snn-train says where snn-train is"));
  EXPECT_THAT(sweep({"--seeds", "2", "--executor", "command"}).err,
              HasSubstr("--command: expected {command}"));
  const ProcessResult data = sweep({"--seeds", "2", "--data-dir", "/none"});
  EXPECT_EQ(data.code, 3);
  EXPECT_THAT(data.err, HasSubstr("scripts/get-data.sh"));
  EXPECT_FALSE(fs::exists(path("sweeps")));
}

TEST_F(SnnSweep, TakesOptionsOfAllRunsFromAFile) {
  write_text(path("base.yaml"), train(small_training() + Words{"--print-config"}).out);
  const ProcessResult result =
      sweep({"--config", "base.yaml", "--set", "hidden=10,20", "--dry-run"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(" --steps 5 --epochs 2 --batch-size 32 --hidden 10 --seed 1 "));
}

TEST_F(SnnSweep, GoesOnAfterItWasKilled) {
  const ProcessResult killed = sweep_long("a", [](pid_t child) { ::kill(child, SIGKILL); });
  ASSERT_EQ(killed.code, -SIGKILL);
  // Its runs end with it: no process goes on by itself.
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
    EXPECT_THAT(result.err, AllOf(HasSubstr("ending: each run writes a checkpoint first\n"),
                                  HasSubstr("runs to do; the same command goes on\n")));
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
    const std::string awaited = signals == 0 ? "ready\n" : "ending: ";
    if (signals == 2 || err.find(awaited) == std::string::npos) return;
    ++signals;
    ::kill(child, SIGINT);
  };
  const ProcessResult result =
      sweep({"--seeds", "2", "--jobs", "1", "--command",
             // What the shell has started must end too: it holds this test's pipe.
             ": {command}; trap '' INT; exec 2>/proc/$PPID/fd/2; echo ready >&2; sleep 100; echo "
             "over >&2"},
            options);
  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_THAT(result.err, AllOf(Not(HasSubstr("goes on")), Not(HasSubstr("over"))));
}

TEST_F(SnnSweep, ListsWhatFailedAndTriesItAgain) {
  const Words words = {"--set", "lr=0.01,1e38", "--out-dir", "a"};
  const ProcessResult result = sweep_small(words);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("failed: lr=1e+38_seed=1 (exit code 4): snn-train: training "
                                    "diverged in epoch 1, step 2"));
  const auto table = rows(path("a/sweep.csv"));
  EXPECT_THAT(column(table, "status"), ElementsAre("done", "failed"));
  EXPECT_THAT(column(table, "exit_code"), ElementsAre("0", "4"));
  EXPECT_THAT(table[1].at("error"), StartsWith("snn-train: training diverged"));

  // One that diverged is what it is; one whose data was missing is not.
  const std::string log = bytes_of(path("a/logs/lr=1e+38_seed=1.log"));
  EXPECT_EQ(sweep_small(words).code, 1);
  EXPECT_EQ(bytes_of(path("a/logs/lr=1e+38_seed=1.log")), log);
  const Words through_shell = {"--set", "lr=0.01,0.02", "--out-dir", "b", "--command", "{command}"};
  EXPECT_THAT(result.err, Not(HasSubstr("tries again")));
  const ProcessResult failed = sweep(base() + Words{"--data-dir", "/none"} + through_shell);
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("tries again what has an error, from the start where its "
                                    "folder in b/runs is removed"));
  EXPECT_THAT(column(rows(path("b/sweep.csv")), "exit_code"), ElementsAre("3", "3"));
  EXPECT_EQ(sweep_small(through_shell).code, 0);
}

TEST_F(SnnSweep, RefusesAFolderOfAnotherSweepOrOneInUse) {
  fs::create_directory(path("a"));
  auto lock = LockedFolder::lock(path("a"));
  ASSERT_TRUE(lock);
  const ProcessResult locked = sweep_small({"--seeds", "2", "--out-dir", "a"});
  EXPECT_EQ(locked.code, 2);
  EXPECT_THAT(locked.err, HasSubstr("a: another snn-sweep is at work in it"));
  lock.reset();
  EXPECT_EQ(sweep_small({"--seeds", "2", "--out-dir", "a", "--no-report"}).code, 0);
  EXPECT_FALSE(fs::exists(path("a/report.html")));
  EXPECT_FALSE(fs::exists(path("a/runs/seed=1/report.html")));

  for (const Words& more : {Words{}, Words{"--dry-run"}}) {
    const ProcessResult other = sweep_small(Words{"--seeds", "1,3", "--out-dir", "a"} + more);
    EXPECT_EQ(other.code, 2);
    EXPECT_THAT(other.err, AllOf(HasSubstr("a holds another sweep"),
                                 HasSubstr("1 of its 2 runs are no longer planned, first seed=2")));
  }
  const ProcessResult larger = sweep_small({"--seeds", "3", "--out-dir", "a"});
  EXPECT_EQ(larger.code, 0) << larger.err;
  EXPECT_THAT(larger.err, HasSubstr("3 runs in a, 2 of them done"));
}

TEST_F(SnnSweep, RefusesOtherDataThanThatOfTheRunsThatAreDone) {
  EXPECT_EQ(sweep_small({"--seeds", "2", "--out-dir", "a"}).code, 0);
  fs::copy(fixture(), path("data"));
  fs::copy_file(path("data/t10k-images-idx3-ubyte.gz"), path("data/train-images-idx3-ubyte.gz"),
                fs::copy_options::overwrite_existing);
  const Words more = base() + Words{"--seeds", "3", "--out-dir", "a"};
  const ProcessResult other = sweep(more + Words{"--data-dir", "data"});
  EXPECT_EQ(other.code, 3);
  EXPECT_THAT(other.err, HasSubstr("a/runs/seed=1 was trained on other data: expected crc32:"));
  EXPECT_THAT(column(rows(path("a/sweep.csv")), "status"), ElementsAre("done", "done"));
  // Where it cannot be told, nothing is refused.
  fs::remove_all(path("a/runs/seed=1/checkpoints"));
  write_text(path("a/runs/seed=2/checkpoints/last.safetensors"), "damaged");
  EXPECT_EQ(sweep(more).code, 0);
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

TEST_F(SnnSweep, NeverUsesMoreThreadsThanCores) {
  // Stands in for snn-train, and leaves no summary.
  write_program("trainer",
                "for threads; do :; done\necho \"+$threads\" >>trace\n"
                "seq 20000 >/dev/null\necho \"-$threads\" >>trace\n");
  const ProcessResult result =
      sweep_small({"--seeds", "9", "--jobs", "1000", "--snn-train", path("trainer").string()});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("--jobs 1000: only "),
                                HasSubstr("(exit code 0): ended without a summary")));
  int threads = 0, most = 0;
  for (const std::string& line : split(bytes_of(path("trace")), '\n')) {
    if (line.empty()) continue;
    threads += std::stoi(line);
    most = std::max(most, threads);
  }
  EXPECT_EQ(threads, 0);
  EXPECT_EQ(most, available_cores());
}

TEST_F(SnnSweep, GivesBetterSettingsMoreEpochs) {
  write_text(path("a.yaml"),
             "method: successive-halving\n"
             "metric: train_loss\n"
             "options: {steps: 500, hidden: 100, batch-size: 4}\n"
             "eta: 2\n"
             "parameters: {lr: {values: [1e-7, 0.001, 1e-6, 0.0001]}}\n");
  const Words words = {"a.yaml", "--data-dir", fixture(), "--epochs", "4"};
  // Kills it when the last one has more epochs than those that were compared.
  bool is_killed = false;
  ProcessOptions options;
  options.on_err = [&](pid_t child, const std::string& err) {
    if (is_killed || err.find("go on to epoch 4") == std::string::npos) return;
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
                HasSubstr("b/rungs.json: damaged; remove it to choose anew"))
        << damaged;
  }
  const auto straight = train({"--data-dir", fixture(), "--steps", "500", "--hidden", "100", "-b",
                               "4", "-e", "4", "--lr", "0.001", "--json"});
  EXPECT_EQ(format_real(parse(straight.out)["train_loss"].get<double>()),
            table[1].at("train_loss"));
}

TEST_F(SnnSweep, RunsACommandOfTheUsers) {
  const Words words = {"--seeds", "2", "--jobs", "2"};
  const ProcessResult result = sweep_small(
      words + Words{"--out-dir", "a b", "--command", "echo {slot} >{name}.slot && sh -c {quoted}"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(bytes_of(path("seed=1.slot")) + bytes_of(path("seed=2.slot")),
              testing::AnyOf("1\n2\n", "2\n1\n", "1\n1\n"));
  EXPECT_EQ(sweep_small(words + Words{"--out-dir", "c"}).code, 0);
  EXPECT_EQ(timeless_rows(path("a b/sweep.csv")), timeless_rows(path("c/sweep.csv")));
}

TEST_F(SnnSweep, SubmitsAJobArrayAndGathers) {
  const Words words = {"--set", "lr=0.01,1e38", "--set", "hidden=10,20"};
  const ProcessOptions options = with_slurm(kRunArray, "exit 1\n");
  const ProcessResult result =
      sweep_small(words + Words{"--executor", "slurm", "--jobs", "3",
                                "--sbatch-args=--time=60 --partition=long", "--out-dir", "a"},
                  options);
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("submitted job 42, an array of 4 runs\n"));
  EXPECT_EQ(bytes_of(path("sbatch.log")), "--parsable --time=60 --partition=long a/slurm.sh\n");
  EXPECT_THAT(bytes_of(path("a/slurm.sh")), HasSubstr("#SBATCH --array=0-3%3\n"));
  EXPECT_EQ(sweep_small(words + Words{"--out-dir", "b"}).code, 1);
  auto slurm = timeless_rows(path("a/sweep.csv")), local = timeless_rows(path("b/sweep.csv"));
  for (auto* table : {&slurm, &local}) {
    for (Row& row : *table) row["error"].resize(std::min<std::size_t>(row["error"].size(), 50));
  }
  EXPECT_EQ(slurm, local);
}

TEST_F(SnnSweep, OnlyGathersWhatWasSubmitted) {
  const Words words = {"--seeds", "2", "--executor", "slurm", "--out-dir", "a", "--no-wait"};
  const ProcessOptions waiting = with_slurm("", "echo 42 PENDING\n");
  const ProcessResult submitted = sweep_small(words, waiting);
  EXPECT_EQ(submitted.code, 0) << submitted.err;
  EXPECT_THAT(submitted.err, HasSubstr("2 of 2 runs are not done; the same command gathers them"));
  const ProcessResult again = sweep_small(words, waiting);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("job 42 was submitted before and is still there"));
  EXPECT_EQ(bytes_of(path("sbatch.log")), "--parsable a/slurm.sh\n");

  const std::string task = "cd " + path("").string() + " && SLURM_ARRAY_TASK_ID=";
  for (const char* index : {"0", "1"}) {
    EXPECT_EQ(std::system((task + index + " sh a/slurm.sh").c_str()), 0);
  }
  const ProcessResult gathered = sweep_small(words, waiting);
  EXPECT_EQ(gathered.code, 0) << gathered.err;
  EXPECT_THAT(gathered.out, HasSubstr("rank  seeds  test accuracy"));
  EXPECT_EQ(bytes_of(path("sbatch.log")), "--parsable a/slurm.sh\n");
}

TEST_F(SnnSweep, SaysThatAJobOfSlurmIsGoneOrCannotBe) {
  const Words words = {"--seeds", "2", "--executor", "slurm", "--out-dir", "a"};
  const ProcessResult gone =
      sweep_small(words, with_slurm("",
                                    "echo 'slurm_load_jobs error: Invalid job id specified'\n"
                                    "exit 1\n"));
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.err, HasSubstr("2 of 2 runs are not done; the same command tries them again"));
  const ProcessResult refused =
      sweep_small(words, with_slurm("echo 'sbatch: error: no partition' >&2; exit 1", ""));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("sbatch failed (exit code 1): sbatch: error: no partition"));
}

TEST_F(SnnSweep, DrawsTheRunsUnderWayOnATerminal) {
  const ProcessResult result =
      sweep_small({"--seeds", "3", "--out-dir", "a"},
                  {.on_terminal = true, .environment = {{"TERM", "xterm"}, {"NO_COLOR", ""}}});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, AllOf(HasSubstr("] 0 of 3 done"), HasSubstr("  epoch "),
                                HasSubstr("3/3  done"), HasSubstr("\033[J")));
  for (const std::string& line : split(result.err, '\n')) {
    EXPECT_LE(line.substr(line.rfind('K') + 1).size(), 81u) << line;
  }
}

TEST_F(SnnSweep, TellsRunsApartOnANarrowTerminal) {
  const Words words = {"--set",     "loss=ce-membrane,mse-count:correct=0.75,incorrect=0.25",
                       "--seeds",   "2",
                       "-j",        "1",
                       "--out-dir", "a"};
  const ProcessOptions narrow = {
      .on_terminal = true, .columns = 50, .environment = {{"TERM", "xterm"}}};
  const ProcessResult result = sweep_small(words, narrow);
  EXPECT_EQ(result.code, 0);
  // The beginning and the end of loss=mse-count-correct=0.75-incorrect=0.25_seed=2.
  EXPECT_THAT(result.err, AllOf(ContainsRegex("0/2 .* loss=m[^ ]*\\.\\.[^ ]*_seed=1"),
                                ContainsRegex("0/2 .* loss=m[^ ]*\\.\\.[^ ]*_seed=2"),
                                ContainsRegex("best [0-9.]+ % loss=")));
  for (const std::string& line : split(result.err, '\n')) {
    if (line.find("epoch") == std::string::npos) continue;
    EXPECT_LE(line.substr(line.rfind('K') + 1).size(), 51u) << line;
  }
}

}  // namespace
}  // namespace snn::cli
