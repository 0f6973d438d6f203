// Tests snn-sweep as a user runs it, with short runs of the real snn-train.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "cli/sweep_test.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

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
              HasSubstr("own.yaml line 1: run-name: not valid in a sweep"));
  EXPECT_THAT(sweep({"--seeds", "2", "--snn-train", "/none"}).err,
              HasSubstr("/none: not a program; give the path of snn-train with --snn-train"));
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

  // Divergence is a final result; missing data is not.
  const std::string log = bytes_of(path("a/logs/lr=1e+38_seed=1.log"));
  EXPECT_EQ(sweep_small(words).code, 1);
  EXPECT_EQ(bytes_of(path("a/logs/lr=1e+38_seed=1.log")), log);
  const Words through_shell = {"--set", "lr=0.01,0.02", "--out-dir", "b", "--command", "{command}"};
  EXPECT_THAT(result.err, Not(HasSubstr("retry")));
  const ProcessResult failed = sweep(base() + Words{"--data-dir", "/none"} + through_shell);
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("retry the failed runs; remove a run's folder in b/runs to "
                                    "restart it from epoch 1"));
  EXPECT_THAT(column(rows(path("b/sweep.csv")), "exit_code"), ElementsAre("3", "3"));
  EXPECT_EQ(sweep_small(through_shell).code, 0);
}

TEST_F(SnnSweep, RefusesAFolderOfAnotherSweepOrOneInUse) {
  fs::create_directory(path("a"));
  auto lock = LockedFolder::lock(path("a"));
  ASSERT_TRUE(lock);
  const ProcessResult locked = sweep_small({"--seeds", "2", "--out-dir", "a"});
  EXPECT_EQ(locked.code, 2);
  EXPECT_THAT(locked.err, HasSubstr("a: another snn-sweep is running in it"));
  lock.reset();
  EXPECT_EQ(sweep_small({"--seeds", "2", "--out-dir", "a", "--no-report"}).code, 0);
  EXPECT_FALSE(fs::exists(path("a/report.html")));
  EXPECT_FALSE(fs::exists(path("a/runs/seed=1/report.html")));

  for (const Words& more : {Words{}, Words{"--dry-run"}}) {
    const ProcessResult other = sweep_small(Words{"--seeds", "1,3", "--out-dir", "a"} + more);
    EXPECT_EQ(other.code, 2);
    EXPECT_THAT(other.err,
                AllOf(HasSubstr("a holds another sweep"),
                      HasSubstr("1 of its 2 runs are no longer planned, the first: seed=2")));
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
  EXPECT_THAT(other.err, HasSubstr("a/runs/seed=1 was trained on different data: expected crc32:"));
  EXPECT_THAT(column(rows(path("a/sweep.csv")), "status"), ElementsAre("done", "done"));
  // If the digest of the data is unknown, nothing is refused.
  fs::remove_all(path("a/runs/seed=1/checkpoints"));
  write_text(path("a/runs/seed=2/checkpoints/last.safetensors"), "damaged");
  EXPECT_EQ(sweep(more).code, 0);
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
  // The name loss=mse-count-correct=0.75-incorrect=0.25_seed=2 is cut in the middle.
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
