// snn-sweep starts its runs on this machine, by a command of the user, or by Slurm.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "cli/machine.h"
#include "cli/sweep_test.h"

namespace snn::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Runs each task of the array in $script.
constexpr const char* kRunArray = R"sh(
for range in $(sed -n 's/^#SBATCH --array=\([^%]*\).*/\1/p' "$script" | tr , ' '); do
  for task in $(seq "${range%-*}" "${range#*-}"); do
    SLURM_ARRAY_TASK_ID=$task sh "$script"
  done
done)sh";

TEST_F(SnnSweep, NeverUsesMoreThreadsThanCores) {
  // Replaces snn-train and writes no summary.
  write_program("trainer",
                "for threads; do :; done\necho \"+$threads\" >>trace\n"
                "seq 20000 >/dev/null\necho \"-$threads\" >>trace\n");
  const ProcessResult result =
      sweep_small({"--seeds", "9", "--jobs", "1000", "--snn-train", path("trainer").string()});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("--jobs 1000: limited to "),
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
  EXPECT_THAT(submitted.err,
              HasSubstr("2 of 2 runs are unfinished; re-run the same command to collect them"));
  const ProcessResult again = sweep_small(words, waiting);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("job 42 was submitted earlier and is still queued or running"));
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
  EXPECT_THAT(gone.err,
              HasSubstr("2 of 2 runs are unfinished; re-run the same command to retry them"));
  const ProcessResult refused =
      sweep_small(words, with_slurm("echo 'sbatch: error: no partition' >&2; exit 1", ""));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("sbatch failed (exit code 1): sbatch: error: no partition"));
}

}  // namespace
}  // namespace snn::cli
