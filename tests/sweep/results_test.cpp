// Tests the results read from the files of runs, and the tables made of them.

#include "sweep/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "snn/text/text.h"
#include "snn/train/settings.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Plan plan_of(const std::string& yaml) {
  Definition definition;
  apply_sweep_yaml(yaml, "sweep.yaml", definition);
  return make_plan(definition);
}

class SweepResults : public testing::Test {
 protected:
  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  void write_summary(std::size_t run, const std::string& outcome, int epochs,
                     double accuracy) const {
    write(files.summary(plan.runs[run]),
          R"({"outcome":")" + outcome + R"(","epochs":)" + std::to_string(epochs) +
              R"(,"test_accuracy":)" + format_real(accuracy) +
              R"(,"validation_accuracy":null,"spikes_per_neuron":[1.5,0.25],)" +
              R"("epoch_seconds":[0.5,0.25],"threads":1})");
  }
  void write_end(std::size_t run, int code, const std::string& log) const {
    write(files.exit(plan.runs[run]), std::to_string(code) + "\n");
    write(files.log(plan.runs[run]), log);
  }
  std::vector<RunResult> results() const {
    std::vector<RunResult> all;
    for (const PlannedRun& run : plan.runs) all.push_back(read_result(files, run));
    return all;
  }

  TemporaryDirectory folder;
  SweepFiles files{folder.path()};
  Plan plan = plan_of(
      "options: {epochs: 2}\nparameters: {hidden: {values: [20, '30,20']}}\n"
      "seeds: 3\n");
};

TEST_F(SweepResults, ReadsTheStateOfARunFromItsFiles) {
  write_summary(0, "finished", 2, 0.5);
  write_end(0, 0, "test accuracy");
  write_summary(1, "diverged", 1, 0.1);
  write_end(1, 4, "line\nsnn-train: training diverged\n\n");
  write_end(2, 3, "snn-train: no data\n");
  write_end(3, 143, "warning: interrupted\n");
  write(files.log(plan.runs[4]), "under way");
  const auto all = results();
  EXPECT_EQ(all[0].status, Status::kDone);
  EXPECT_EQ(all[0].exit_code, 0);
  EXPECT_EQ(all[0].number("test_accuracy"), 0.5);
  EXPECT_EQ(all[0].number("validation_accuracy"), std::nullopt);
  EXPECT_EQ(all[1].status, Status::kFailed);
  EXPECT_TRUE(all[1].diverged());
  EXPECT_EQ(all[1].exit_code, 4);
  EXPECT_EQ(all[1].error, "snn-train: training diverged");
  EXPECT_EQ(all[2].status, Status::kFailed);
  EXPECT_EQ(all[2].exit_code, 3);
  EXPECT_EQ(all[2].error, "snn-train: no data");
  EXPECT_EQ(all[3].status, Status::kInterrupted);
  EXPECT_EQ(all[3].error, "");
  EXPECT_EQ(all[4].status, Status::kInterrupted);
  EXPECT_EQ(all[4].exit_code, std::nullopt);
  EXPECT_EQ(all[5].status, Status::kPending);
}

TEST_F(SweepResults, SaysWhyARunFailedThatSaidNothing) {
  write_end(0, 137, "    1/5 some epoch\n");
  write_end(1, 0, "done?\n");
  write_end(2, 1, "");
  write_end(3, 1, "old text\rprogress\rsnn-train: new text");
  const auto all = results();
  EXPECT_EQ(all[0].error, "ended by signal 9 (Killed)");
  EXPECT_EQ(all[1].error, "ended without a summary");
  EXPECT_THAT(all[2].error, HasSubstr("printed nothing to "));
  EXPECT_EQ(all[3].error, "snn-train: new text");
}

TEST_F(SweepResults, DoesNotTakeADamagedOrAnUnfinishedSummaryForAResult) {
  write(files.summary(plan.runs[0]), R"({"outcome":"finished","epo)");
  write(files.summary(plan.runs[1]), "[]");
  write_summary(2, "finished", 1, 0.5);
  const auto all = results();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(all[i].status, Status::kPending) << i;
  EXPECT_TRUE(all[0].summary.is_null());
}

TEST_F(SweepResults, TakesARungForDoneThatHasItsEpochs) {
  write_summary(0, "finished", 1, 0.5);
  write_end(0, 0, "");
  EXPECT_EQ(read_result(files, plan.runs[0], 1).status, Status::kDone);
  EXPECT_EQ(read_result(files, plan.runs[0], 2).status, Status::kPending);
}

TEST_F(SweepResults, WritesARowForEachRun) {
  write_summary(0, "finished", 2, 0.5);
  write_end(3, 3, "bad \"text\", really\n");
  const auto lines = split(results_to_csv(plan, results()), '\n');
  ASSERT_EQ(lines.size(), 8u);
  EXPECT_EQ(lines[0],
            "run,status,exit_code,hidden,seed,epochs,best_epoch,test_accuracy,"
            "test_count_accuracy,test_ties,test_without_spikes,test_loss,untrained_accuracy,"
            "validation_accuracy,validation_count_accuracy,validation_loss,train_accuracy,"
            "train_loss,parameters,spikes_per_neuron_1,spikes_per_neuron_2,spikes_per_neuron_3,"
            "silent_fraction_1,silent_fraction_2,silent_fraction_3,seconds,samples_per_second,"
            "peak_memory_mb,threads,error");
  EXPECT_EQ(lines[1], "hidden=20_seed=1,done,0,20,1,2,,0.5,,,,,,,,,,,,1.5,0.25,,,,,0.75,,,1,");
  EXPECT_EQ(lines[2], "hidden=20_seed=2,pending,,20,2,,,,,,,,,,,,,,,,,,,,,,,,,");
  EXPECT_EQ(lines[4],
            "hidden=30-20_seed=1,failed,3,\"30,20\",1,,,,,,,,,,,,,,,,,,,,,,,,,"
            "\"bad \"\"text\"\", really\"");
  EXPECT_EQ(lines[7], "");
}

TEST_F(SweepResults, HasOneColumnEpochsWhereThoseAreSwept) {
  const Plan epochs = plan_of("parameters: {epochs: {values: [1, 2]}}\n");
  const std::string csv = results_to_csv(epochs, std::vector<RunResult>(2));
  EXPECT_THAT(csv, HasSubstr("run,status,exit_code,epochs,seed,epochs_done,"));
}

// The mean and deviation of 0.1, 0.2, 0.6 were computed by hand: 0.3, sqrt((0.04 + 0.01 + 0.09) /
// 2).
TEST_F(SweepResults, RanksByTheMeanOverTheSeeds) {
  write_summary(0, "finished", 2, 0.1);
  write_summary(1, "finished", 2, 0.2);
  write_summary(2, "finished", 2, 0.6);
  write_summary(3, "finished", 2, 0.4);
  write_summary(4, "diverged", 2, 0.9);
  const auto ranking = rank(plan, results());
  ASSERT_EQ(ranking.size(), 2u);
  EXPECT_EQ(ranking[0].setting, 1u);
  EXPECT_DOUBLE_EQ(ranking[0].mean, 0.4);
  EXPECT_EQ(ranking[0].sd, std::nullopt);
  EXPECT_EQ(ranking[0].seeds, 1u);
  EXPECT_EQ(ranking[0].failed, 1u);
  EXPECT_EQ(ranking[1].setting, 0u);
  EXPECT_DOUBLE_EQ(ranking[1].mean, 0.3);
  EXPECT_DOUBLE_EQ(ranking[1].sd.value(), std::sqrt(0.07));
  EXPECT_DOUBLE_EQ(ranking[1].min, 0.1);
  EXPECT_DOUBLE_EQ(ranking[1].max, 0.6);
  EXPECT_THAT(split(ranking_to_csv(plan, ranking), '\n'),
              ElementsAre("rank,hidden,seeds,mean,sd,min,max,failed,first_run",
                          "1,\"30,20\",1,0.4,,0.4,0.4,1,hidden=30-20_seed=1",
                          testing::StartsWith("2,20,3,0."), ""));
  plan.goal = Goal::kMinimize;
  EXPECT_EQ(rank(plan, results())[0].setting, 0u);
}

TEST_F(SweepResults, RanksWhatHalvingStoppedAfterTheOthers) {
  plan.method = Method::kSuccessiveHalving;
  write_summary(0, "finished", 2, 0.1);
  write_summary(3, "finished", 1, 0.9);
  auto all = results();
  all[3].status = Status::kStopped;
  const auto ranking = rank(plan, all);
  ASSERT_EQ(ranking.size(), 2u);
  EXPECT_EQ(ranking[0].setting, 0u);
  EXPECT_EQ(ranking[1].epochs, 1);
}

TEST_F(SweepResults, WritesTheConfigurationOfTheBest) {
  write_summary(4, "finished", 2, 0.4);
  const auto all = results();
  const std::string yaml = best_to_yaml(plan, all, rank(plan, all).at(0));
  Settings settings;
  apply_yaml(yaml, "best.yaml", settings);
  EXPECT_THAT(settings.problems, testing::IsEmpty());
  EXPECT_EQ(settings.config, plan.runs[4].config);
  EXPECT_EQ(settings.config.seed, 2);
  // A sweep is named after its file, which may have any name.
  plan.name = "a\nlr: 5 #";
  EXPECT_THAT(best_to_yaml(plan, all, rank(plan, all).at(0)),
              testing::StartsWith("# The best setting of the sweep a?lr: 5 #, with"));
}

}  // namespace
}  // namespace snn
