// Tests the plan of runs made from a sweep's file or flags.

#include "sweep/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "snn/text/text.h"
#include "snn/train/option.h"
#include "support/error_of.h"
#include "text/json.h"
#include "text/value_list.h"
#include "train/option_table.h"

namespace snn {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Definition read(const std::string& yaml) {
  Definition definition;
  definition.name = "study";
  apply_sweep_yaml(yaml, "sweep.yaml", definition);
  return definition;
}

Plan plan(const std::string& yaml) { return make_plan(read(yaml)); }

Plan plan_of_sets(const std::vector<std::string>& sets) {
  Definition definition;
  for (const std::string& set : sets) apply_set(set, definition);
  return make_plan(definition);
}

std::string error(const std::string& yaml) {
  return error_of(ExitCode::kUsage, [&] { plan(yaml); });
}

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> all;
  for (const PlannedRun& run : plan.runs) all.push_back(run.name);
  return all;
}

std::vector<std::vector<std::string>> values(const Plan& plan) {
  std::vector<std::vector<std::string>> all;
  for (const PlannedRun& run : plan.runs) all.push_back(run.values);
  return all;
}

TEST(SplitValues, SeparatesOutsideBracketsOnly) {
  EXPECT_THAT(split_values("0.5,0.7"), ElementsAre("0.5", "0.7"));
  EXPECT_THAT(split_values("200,500,[800,400]"), ElementsAre("200", "500", "[800,400]"));
  EXPECT_THAT(split_values("atan:alpha=2,sfs:slope=25,b=1,atan"),
              ElementsAre("atan:alpha=2", "sfs:slope=25,b=1", "atan"));
  EXPECT_THAT(split_values(R"([{"linear":{"outputs":3}},{"a":","}],[{"b":"]"}])"),
              ElementsAre(R"([{"linear":{"outputs":3}},{"a":","}])", R"([{"b":"]"}])"));
  EXPECT_THAT(split_values(""), ElementsAre(""));
}

TEST(Plan, CombinesTheValuesOfAGrid) {
  const Plan plan = plan_of_sets({"beta=0.50,0.7", "hidden=200,[800,400]"});
  EXPECT_THAT(plan.parameters, ElementsAre("beta", "hidden"));
  EXPECT_THAT(values(plan), ElementsAre(ElementsAre("0.5", "200"), ElementsAre("0.5", "800,400"),
                                        ElementsAre("0.7", "200"), ElementsAre("0.7", "800,400")));
  EXPECT_THAT(names(plan),
              ElementsAre("beta=0.5_hidden=200_seed=1", "beta=0.5_hidden=800-400_seed=1",
                          "beta=0.7_hidden=200_seed=1", "beta=0.7_hidden=800-400_seed=1"));
  EXPECT_THAT(plan.runs[1].flags,
              ElementsAre("--beta", "0.5", "--hidden", "800,400", "--seed", "1"));
  EXPECT_THAT(plan.runs[1].config.hidden, ElementsAre(800, 400));
  EXPECT_EQ(plan.metric, "test_accuracy");
  EXPECT_EQ(plan.goal, Goal::kMaximize);
}

TEST(Plan, ReadsAWholeFile) {
  const Plan plan = snn::plan(R"(
name: my study
method: grid
metric: {name: validation_loss, goal: minimize}
options: {epochs: 3, validation: 100, data-dir: /data}
parameters:
  surrogate: {values: [atan, 'sfs:slope=25,b=1']}
  hidden: {values: [[30, 20], none]}
  lr: {value: 0.01}
seeds: [4, 7]
run_cap: 3
)");
  EXPECT_EQ(plan.name, "my study");
  EXPECT_EQ(plan.metric, "validation_loss");
  EXPECT_EQ(plan.goal, Goal::kMinimize);
  EXPECT_THAT(plan.parameters, ElementsAre("surrogate", "hidden"));
  EXPECT_THAT(plan.arguments, ElementsAre("--data-dir", "/data", "--validation", "100", "--epochs",
                                          "3", "--lr", "0.01"));
  EXPECT_THAT(
      values(plan),
      ElementsAre(ElementsAre("atan:alpha=2", "30,20"), ElementsAre("atan:alpha=2", "30,20"),
                  ElementsAre("atan:alpha=2", "none"), ElementsAre("atan:alpha=2", "none"),
                  ElementsAre("sfs:slope=25,b=1", "30,20"),
                  ElementsAre("sfs:slope=25,b=1", "30,20")));
  EXPECT_EQ(plan.runs[0].seed, 4);
  EXPECT_EQ(plan.runs[1].seed, 7);
  EXPECT_EQ(plan.runs[1].config.lr, 0.01);
  EXPECT_EQ(plan.runs[1].name, "surrogate=atan-alpha=2_hidden=30-20_seed=7");
}

TEST(Plan, TakesSeveralGridsWithoutDuplicates) {
  const Plan plan = snn::plan(R"(
options: {beta: 0.9}
parameters:
  - steps: {values: [10, 25]}
  - lr: {values: [0.001, 0.01]}
  - {steps: {value: 25}, lr: {value: 0.1}}
)");
  EXPECT_THAT(plan.parameters, ElementsAre("steps", "lr"));
  EXPECT_THAT(values(plan), ElementsAre(ElementsAre("10", "0.001"), ElementsAre("25", "0.001"),
                                        ElementsAre("25", "0.01"), ElementsAre("25", "0.1")));
  EXPECT_THAT(names(plan), ElementsAre("steps=10_seed=1", "steps=25_seed=1", "lr=0.01_seed=1",
                                       "steps=25_lr=0.1_seed=1"));
}

TEST(Plan, VariesOneThingAtATimeAroundABaseline) {
  const std::string file =
      "options: {beta: 0.9, lr: 0.01}\n"
      "parameters: [{beta: {values: [0.5, 0.9]}}, {lr: {values: [0.01, 0.1]}}]\n";
  const Plan plan = snn::plan(file);
  EXPECT_THAT(values(plan), ElementsAre(ElementsAre("0.5", "0.01"), ElementsAre("0.9", "0.01"),
                                        ElementsAre("0.9", "0.1")));
  EXPECT_EQ(option_text(plan.runs[2].config, "beta"), "0.9");
  EXPECT_THAT(plan.arguments, ElementsAre("--beta", "0.9", "--lr", "0.01"));
  EXPECT_THAT(plan.runs[2].flags, ElementsAre("--lr", "0.1", "--seed", "1"));

  Definition definition = read(file);
  apply_option(*find_option("lr"), "1", "--lr", definition.base);
  EXPECT_EQ(error_of(ExitCode::kUsage, [&] { make_plan(definition); }),
            "sweep.yaml line 2: lr: is swept and also given by --lr");
}

TEST(Plan, SweepsSeedsAlone) {
  Definition definition;
  apply_seeds("3", definition);
  const Plan plan = make_plan(definition);
  EXPECT_THAT(names(plan), ElementsAre("seed=1", "seed=2", "seed=3"));
  EXPECT_THAT(plan.parameters, IsEmpty());
  EXPECT_EQ(plan.settings(), 1u);
}

TEST(Plan, LetsTheCommandLineReplaceParametersAndSeeds) {
  Definition definition = read("parameters: {beta: {values: [0.1, 0.2]}}\nseeds: 5\n");
  apply_set("beta=0.3,0.4", definition);
  apply_set("steps=5", definition);
  apply_seeds("[8]", definition);
  const Plan plan = make_plan(definition);
  EXPECT_THAT(names(plan), ElementsAre("beta=0.3_seed=8", "beta=0.4_seed=8"));
  EXPECT_EQ(plan.runs[0].config.steps, 5);
}

TEST(Plan, NamesEachRunOtherwise) {
  const Plan plan = plan_of_sets(
      {"layers=[{\"linear\":{\"outputs\":10}}],[{\"linear\":{\"outputs\":11}},{\"linear\":{"
       "\"outputs\":10}}],[{\"linear\":{\"outputs\":11}},{\"linear\":{\"outputs\":10,\"bias\":"
       "false}}],[{\"linear\":{\"outputs\":12}},{\"linear\":{\"outputs\":11}},{\"linear\":{"
       "\"outputs\":10}}]"});
  std::set<std::string> seen;
  for (const PlannedRun& run : plan.runs) {
    EXPECT_TRUE(seen.insert(run.name).second) << run.name;
    EXPECT_LE(run.name.size(), 140u);
    EXPECT_EQ(run.name.find_first_of("/[]{}\"' ,:"), std::string::npos) << run.name;
  }
}

constexpr const char* kRandom = R"(
method: random
run_cap: 200
parameters:
  lr: {min: 0.0001, max: 0.1, distribution: log_uniform_values}
  hidden: {min: 10, max: 12}
  beta: {min: 0.5, max: 1, distribution: uniform}
  optimizer: {values: [adam, sgd]}
)";

TEST(Plan, DrawsEqualSettingsForEqualSeeds) {
  const Plan first = plan(kRandom), second = plan(kRandom);
  EXPECT_EQ(plan_to_json(first), plan_to_json(second));
  EXPECT_NE(plan_to_json(first), plan_to_json(plan(std::string(kRandom) + "sweep_seed: 2\n")));
}

TEST(Plan, DrawsWithinTheDistribution) {
  const Plan plan = snn::plan(kRandom);
  ASSERT_THAT(plan.runs, SizeIs(200));
  int small = 0;
  std::set<std::int64_t> hidden;
  std::set<OptimizerKind> optimizers;
  double beta = 0;
  for (const PlannedRun& run : plan.runs) {
    EXPECT_GE(run.config.lr, 0.0001);
    EXPECT_LE(run.config.lr, 0.1);
    if (run.config.lr < std::sqrt(0.0001 * 0.1)) ++small;
    hidden.insert(run.config.hidden.at(0));
    optimizers.insert(run.config.optimizer);
    const double drawn = std::stod(option_text(run.config, "beta"));
    EXPECT_GE(drawn, 0.5);
    EXPECT_LE(drawn, 1);
    beta += drawn / 200;
  }
  // Half of the orders of magnitude get half of the draws; the bounds are four standard deviations
  // away.
  EXPECT_NEAR(small, 100, 4 * std::sqrt(200 / 4.0));
  EXPECT_NEAR(beta, 0.75, 4 * 0.5 / std::sqrt(12 * 200.0));
  EXPECT_THAT(hidden, ElementsAre(10, 11, 12));
  EXPECT_THAT(optimizers, SizeIs(2));
}

TEST(Plan, AddsSettingsWithALargerRunCap) {
  std::string more = kRandom;
  more.replace(more.find("200"), 3, "300");
  const auto few = names(plan(kRandom)), many = names(plan(more));
  ASSERT_EQ(many.size(), 300u);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(Plan, EndsWhenThereIsNothingNewToDraw) {
  const Plan plan = snn::plan(
      "method: random\nrun_cap: 50\nparameters: {optimizer: {values: [adam, sgd, adamw]}}\n");
  EXPECT_THAT(plan.runs, SizeIs(3));
}

TEST(Plan, HasTheRungsOfSuccessiveHalving) {
  const Plan plan = snn::plan(R"(
method: successive_halving
eta: 2
min_epochs: 3
options: {epochs: 10}
parameters: {beta: {values: [0.1, 0.2, 0.3]}}
)");
  EXPECT_THAT(plan.rungs, ElementsAre(3, 6, 10));
  EXPECT_THAT(plan_to_json(plan), HasSubstr("\"halving\""));
}

TEST(Plan, RefusesWhatSuccessiveHalvingCannotContinue) {
  const std::string text = error(R"(
method: successive-halving
options: {patience: 2}
parameters: {epochs: {values: [1, 2]}, lr_schedule: {values: [cosine]}}
)");
  EXPECT_THAT(text, AllOf(HasSubstr("lr-schedule cannot be combined with successive-halving"),
                          HasSubstr("patience cannot be combined with"),
                          HasSubstr("epochs: cannot be swept with successive-halving")));
  EXPECT_EQ(error("method: successive-halving\nmin_epochs: 5\n"
                  "parameters: {beta: {values: [0.1, 0.2]}}\n"),
            "min_epochs: expected fewer than the 5 epochs, found 5");
}

TEST(Plan, ReportsAllProblemsOfAFileInOneMessage) {
  const std::string text = error(R"(metod: grid
method: gird
metric: {name: test_acc, goal: up}
parameters:
  bata: {values: [1]}
  beta: {values: [0.5, 1.5]}
  lr: {min: 1, max: 0.1, distribution: log_uniform_values}
  run_name: {values: [a, b]}
  steps: [1, 2]
  steps: {values: [1]}
  hidden: {min: 10, max: 20.5}
  surrogate: {min: 1, max: 2}
  epochs: {vlues: [1]}
  momentum: {values: []}
  seed: {values: [1]}
seeds: 0
seeds: [1]
eta: 1
)");
  for (const char* problem :
       {"line 1: unknown key 'metod' (did you mean 'method'?); expected early_terminate, eta, ",
        "line 2: method: expected grid, random or successive-halving, found 'gird'",
        "line 3: metric: expected train_loss, ", "line 3: metric: goal: expected maximize or",
        "line 5: unknown option 'bata' (did you mean 'beta'?)",
        "line 6: beta: expected a number in [0, 1], found '1.5'",
        "line 7: lr: expected min < max, found 1 and 0.1", "line 8: run-name: cannot be swept",
        "line 9: steps: expected {values: [...]}, {value: ...} or {min: ..., max: ...}, found a "
        "list",
        "line 10: duplicate option 'steps' (first on line 9)",
        "line 11: hidden: expected whole numbers, found 20.5",
        "line 12: surrogate: not a numeric option; list its values",
        "line 13: unknown key of epochs 'vlues' (did you mean 'values'?)",
        "line 14: momentum: values: expected a list of values, found an empty one",
        "line 15: seed: list the seeds of a sweep under seeds",
        "line 16: seeds: expected an integer in [1, 10000], found '0'",
        "line 17: duplicate key 'seeds' (first on line 16)", "line 18: eta: expected an integer"}) {
    EXPECT_THAT(text, HasSubstr(std::string("sweep.yaml ") + problem));
  }
}

TEST(Plan, ChecksEachSettingAsAWhole) {
  EXPECT_EQ(error("options: {hidden: [3, 2]}\nparameters: {beta: {values: [0.5, '0.1,0.2']}}\n"),
            "sweep.yaml line 2: beta: expected 1 value or 3 (one per layer), found 2");
  EXPECT_THAT(error("parameters: {optimizer: {values: [sgd, adam]}, momentum: {values: [0.9]}}\n"),
              HasSubstr("only the optimizer sgd has momentum"));
}

TEST(Plan, RefusesWhatMakesNoSense) {
  const std::string beta = "parameters: {beta: {values: [0.1, 0.2]}}\n";
  EXPECT_THAT(error(""), HasSubstr("nothing to sweep"));
  EXPECT_THAT(error("parameters: {beta: {values: [0.5, 0.50]}}"), HasSubstr("nothing to sweep"));
  EXPECT_EQ(error("options: {beta: 0.3}\n" + beta),
            "sweep.yaml line 2: beta: is swept and also given by sweep.yaml line 1");
  EXPECT_THAT(error("parameters: {lr: {min: 0.1, max: 0.2}}"), HasSubstr("a grid needs values"));
  EXPECT_THAT(error("method: random\n" + beta), HasSubstr("run_cap: "));
  EXPECT_THAT(error("eta: 4\n" + beta),
              HasSubstr("are only valid with the method successive-halving"));
  EXPECT_THAT(error("metric: validation_loss\n" + beta), HasSubstr("needs held-out samples"));
  EXPECT_THAT(error("seeds: 3\noptions: {seed: 4}\n" + beta), HasSubstr("seeds are also given"));
  EXPECT_THAT(error("name: ''\n" + beta), HasSubstr("name: expected text"));
  EXPECT_THAT(error("parameters: [{beta: {values: [0.1]}}, 3]\n"),
              HasSubstr("expected option: value, found '3'"));
  EXPECT_THAT(error("method: random\nrun_cap: 2\nparameters: {lr: {min: 0, max: 1, distribution: "
                    "log_uniform_values}}"),
              HasSubstr("log-uniform-values: expected min > 0, found 0"));
  EXPECT_THAT(error("method: random\nrun_cap: 2\nparameters: {beta: {min: 0, max: 2}}"),
              HasSubstr("beta: expected a number in [0, 1], found '2'"));
  EXPECT_THAT(error("seeds: 10000\nparameters: {steps: {values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "
                    "11]}}"),
              HasSubstr("at most 100000 runs"));
}

TEST(Plan, RefusesFlagsThatCannotBeSets) {
  const auto problem = [](const std::vector<std::string>& sets) {
    return error_of(ExitCode::kUsage, [&] { plan_of_sets(sets); });
  };
  EXPECT_EQ(problem({"beta"}), "--set: expected NAME=VALUE,..., found 'beta'");
  EXPECT_EQ(problem({"bata=1"}), "--set: unknown option 'bata' (did you mean 'beta'?)");
  EXPECT_EQ(problem({"beta=0.1,,0.2"}), "--set: beta: expected a number in [0, 1], found nothing");
  EXPECT_EQ(problem({"beta=2,0.1,x"}),
            "--set: beta: expected a number in [0, 1], found '2'; "
            "beta: expected a number in [0, 1], found 'x'");
  EXPECT_EQ(problem({"beta=0.1,0.2", "beta=0.3"}), "--set: beta: is set twice");
  EXPECT_EQ(problem({"out-dir=a,b"}),
            "--set: out-dir: cannot be swept, because it does not change what a run learns");
}

TEST(Plan, SweepsWaysToComputeToo) {
  const Plan plan = plan_of_sets({"engine=reference,fused", "simd=avx2"});
  ASSERT_EQ(plan.runs.size(), 2U);
  EXPECT_EQ(plan.runs[0].values, std::vector<std::string>{"reference"});
  EXPECT_EQ(plan.runs[1].values, std::vector<std::string>{"fused"});
}

TEST(Plan, JudgesByValidationWhereThereIsOne) {
  EXPECT_EQ(plan("options: {validation: 10}\nseeds: 2\n").metric, "validation_accuracy");
  EXPECT_EQ(plan("parameters: {validation: {values: [0, 10]}}\n").metric, "test_accuracy");
  EXPECT_EQ(plan("metric: train_loss\nseeds: 2\n").goal, Goal::kMinimize);
  EXPECT_EQ(plan("metric: images_per_second\nseeds: 2\n").metric, "samples_per_second");
}

TEST(Conflicts, AreNoneOfTheSamePlanAndOfMoreRuns) {
  const std::string base = "options: {epochs: 3, threads: 1}\nparameters: {beta: {values: [0.1, ";
  const std::string before = plan_to_json(plan(base + "0.2]}}\n"));
  EXPECT_THAT(conflicts(plan(base + "0.2]}}\n"), before, "f"), IsEmpty());
  EXPECT_THAT(conflicts(plan(base + "0.2, 0.3]}}\nseeds: 3\nmetric: test_loss\n"), before, "f"),
              IsEmpty());
  const std::string other_threads =
      "options: {epochs: 3, threads: 2}\n"
      "parameters: {beta: {values: [0.1, 0.2]}}\n";
  EXPECT_THAT(conflicts(plan(other_threads), before, "f"), IsEmpty());
}

TEST(Conflicts, SayWhatDiffers) {
  const std::string before =
      plan_to_json(plan("options: {epochs: 3}\nparameters: {beta: {values: [0.1, 0.2]}}\n"));
  EXPECT_THAT(conflicts(plan("options: {epochs: 4}\nparameters: {beta: {values: [0.1, 0.3]}}\n"),
                        before, "f"),
              ElementsAre("flags was '--epochs 3', is '--epochs 4'",
                          "1 of its 2 runs are no longer planned, the first: beta=0.2_seed=1"));
  const std::string halving =
      "method: successive-halving\noptions: {epochs: 9}\n"
      "parameters: {beta: {values: [0.1, 0.2]}}\n";
  EXPECT_THAT(conflicts(plan(halving + "seeds: 2\n"), plan_to_json(plan(halving)), "f"),
              ElementsAre("number of runs was '2', is '4'"));
}

TEST(Conflicts, SeeAChangeOfTheOnlyValueOfAParameter) {
  const Plan before = plan("seeds: 2\nparameters: {beta: {value: 0.5}, lr: {values: [0.01]}}\n");
  EXPECT_THAT(before.arguments, ElementsAre("--beta", "0.5", "--lr", "0.01"));
  EXPECT_THAT(before.runs[0].flags, ElementsAre("--seed", "1"));
  const Plan now = plan("seeds: 2\nparameters: {beta: {value: 0.7}, lr: {values: [0.01]}}\n");
  EXPECT_THAT(conflicts(now, plan_to_json(before), "f"),
              ElementsAre("flags was '--beta 0.5 --lr 0.01', is '--beta 0.7 --lr 0.01'"));
}

TEST(Conflicts, RefuseADamagedPlan) {
  const Plan now = plan("seeds: 2\n");
  for (const std::string text : {"", "{", "[]", "{}", R"({"format_version":1,"method":3})"}) {
    EXPECT_THAT(error_of(ExitCode::kUsage, [&] { conflicts(now, text, "sweep.json"); }),
                AllOf(HasSubstr("sweep.json: damaged"), HasSubstr("move it away")))
        << text;
  }
  std::string newer = plan_to_json(now);
  newer.replace(newer.find(": 1"), 3, ": 2");
  EXPECT_THAT(error_of(ExitCode::kUsage, [&] { conflicts(now, newer, "f"); }),
              HasSubstr("newer version"));
}

}  // namespace
}  // namespace snn
