#include "snn/train/training_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "snn/train/summary.h"
#include "support/error_of.h"
#include "support/training.h"

namespace snn {
namespace {

using testing::ElementsAre;

TEST_F(TrainingRunTest, LearnsAndWritesARowForEachEpoch) {
  std::vector<MetricsRow> reported;
  std::vector<std::int64_t> batches;
  Observer observer;
  observer.epoch = [&](const EpochReport& report) {
    EXPECT_EQ(report.epochs, 3);
    reported.push_back(report.row);
  };
  observer.batch = [&](const BatchReport& report) {
    EXPECT_EQ(report.batches, kBatches);
    batches.push_back(10 * report.epoch + report.batch);
  };
  RunInFolder run(folder("a"), small_config(), observer);
  EXPECT_EQ(run.training.run(), Outcome::kFinished);
  EXPECT_TRUE(run.training.is_finished());
  EXPECT_THAT(batches, ElementsAre(11, 12, 13, 21, 22, 23, 31, 32, 33));

  const auto& rows = run.training.rows();
  EXPECT_EQ(run.metrics(), rows);
  EXPECT_EQ(reported, rows);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].train, Score{}) << "row 0 is before training";
  EXPECT_FALSE(rows[0].lr || rows[0].gradient_norm || rows[0].seconds);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].epoch, static_cast<std::int64_t>(i));
    EXPECT_EQ(rows[i].step, kBatches * rows[i].epoch);
    EXPECT_TRUE(rows[i].test.accuracy && rows[i].validation.accuracy);
    EXPECT_EQ(rows[i].spikes_per_neuron.size(), 2u);
    EXPECT_EQ(rows[i].silent_fraction.size(), 2u);
    if (i == 0) continue;
    EXPECT_GT(rows[i].gradient_norm, 0.0);
    EXPECT_GT(rows[i].samples_per_second, 0.0);
  }
  EXPECT_LT(rows[3].train.loss.value(), rows[1].train.loss.value());
  EXPECT_GT(rows[3].test.accuracy.value(), rows[0].test.accuracy.value());
  EXPECT_GT(rows[2].lr.value(), rows[3].lr.value());
}

TEST_F(TrainingRunTest, LeavesACheckpointThatAloneIsEnoughToEvaluate) {
  RunInFolder run(folder("a"), small_config());
  run.training.run();
  const Checkpoint checkpoint = load_checkpoint(run.directory.last());
  EXPECT_EQ(checkpoint.progress, run.training.progress());
  EXPECT_EQ(checkpoint.train_digest, run.data.train.digest);
  EXPECT_EQ(checkpoint.test_digest, run.data.test.digest);
  Config other_seed = checkpoint.config;
  other_seed.seed = 99;
  other_seed.engine = small_config().engine;
  const auto engine = engine_of(other_seed, checkpoint.network);
  engine->import_state(checkpoint.state);
  const auto evaluation = evaluate(*engine, run.data.test, run.data.test_indices, {});
  EXPECT_EQ(score(*evaluation, run.data.test, run.data.test_indices),
            run.training.rows().back().test);
}

TEST_F(TrainingRunTest, WritesACheckpointBeforeAnythingElse) {
  RunInFolder run(folder("a"), small_config(), stop_at(0));
  EXPECT_EQ(run.training.run(), Outcome::kInterrupted);
  const Checkpoint checkpoint = load_checkpoint(run.directory.last());
  EXPECT_EQ(checkpoint.progress, Progress{});
  EXPECT_EQ(checkpoint.state.tensors,
            engine_of(small_config(), run.network)->export_state().tensors);
  EXPECT_FALSE(fs::exists(run.directory.metrics()));
}

TEST_F(TrainingRunTest, GivesTheSameFilesForTheSameSeed) {
  Config config = small_config();
  RunInFolder one(folder("a"), config), two(folder("b"), config);
  config.seed = 2;
  RunInFolder other(folder("c"), config);
  for (RunInFolder* run : {&one, &two, &other}) run->training.run();
  EXPECT_EQ(one.last(), two.last());
  EXPECT_EQ(one.best(), two.best());
  EXPECT_EQ(timeless(one.metrics()), timeless(two.metrics()));
  EXPECT_NE(timeless(one.metrics()), timeless(other.metrics()));
}

TEST_F(TrainingRunTest, KnowsTheSecondsOfNoEpochThatWasInterrupted) {
  Config config = small_config();
  config.epochs = 2;
  // The run stops in the first epoch, after its first batch.
  RunInFolder(folder("a"), config, stop_at(2 + 1)).training.run();
  RunInFolder run(folder("a"), config);
  run.go_on();
  const auto rows = run.metrics();
  EXPECT_FALSE(rows[1].seconds);
  EXPECT_GT(rows[1].samples_per_second, 0.0);
  EXPECT_GT(rows[2].seconds, 0.0);
  RunFacts facts;
  facts.layers = {{"lif1", "leaky", 20}, {"lif2", "leaky", 10}};
  const auto summary =
      nlohmann::json::parse(summary_to_json(config, run.training.progress(), rows, facts));
  EXPECT_TRUE(summary["learned"].contains("lif2.beta"));
  EXPECT_TRUE(summary["epoch_seconds"][0].is_null());
  EXPECT_EQ(summary["epoch_seconds"][1], *rows[2].seconds);
  const double seconds = 1 / *rows[1].samples_per_second + 1 / *rows[2].samples_per_second;
  EXPECT_DOUBLE_EQ(summary["samples_per_second"], 2 / seconds);
}

// A signal stopped the process, and another one continued it.
TEST_F(TrainingRunTest, KnowsTheSecondsOfNoEpochInWhichItStoodStill) {
  Config config = small_config();
  config.epochs = 2;
  Observer observer;
  int batch = 0;
  // The query comes before the first epoch, and then after each of its batches.
  observer.was_stopped = [&] { return batch++ == 2; };
  RunInFolder run(folder("a"), config, observer);
  run.training.run();
  EXPECT_FALSE(run.training.rows()[1].seconds);
  EXPECT_GT(run.training.rows()[1].samples_per_second, 0.0);
  EXPECT_GT(run.training.rows()[2].seconds, 0.0);
}

TEST_F(TrainingRunTest, SavesWithinAnEpoch) {
  Config config = small_config();
  config.checkpoint_every = {.batches = 2, .minutes = 0};
  std::vector<std::int64_t> saved;  // batches
  Observer observer;
  observer.stop_requested = [&] {
    if (!fs::exists(folder("a") / "metrics.csv")) return false;
    saved.push_back(load_checkpoint(folder("a") / "checkpoints/last.safetensors").progress.batch);
    return false;
  };
  RunInFolder run(folder("a"), config, observer);
  run.training.run();
  // A query comes before each of the 3 batches of an epoch and its 2 evaluations; those of epoch 0
  // come first.
  EXPECT_THAT(saved, ElementsAre(0, 0, 2, 2, 2, 0, 0, 2, 2, 2, 0, 0, 2, 2, 2));
  config.checkpoint_every = {};
  RunInFolder other(folder("b"), config);
  other.training.run();
  EXPECT_EQ(run.last(), other.last());
}

TEST_F(TrainingRunTest, ChoosesTheBestByValidation) {
  ScriptedEngine script;
  script.losses = {5, 4, 3, 2, 1};
  script.validation_correct = {20, 3, 9, 8, 9, 1};
  script.test_correct = {100, 10, 20, 30, 40, 90};
  std::vector<bool> is_best;
  Observer observer;
  observer.epoch = [&](const EpochReport& report) { is_best.push_back(report.is_best); };
  RunInFolder run(folder("a"), scripted_config(5, 20), observer,
                  std::make_unique<ScriptedEngine>(script));
  EXPECT_EQ(run.training.run(), Outcome::kFinished);
  EXPECT_EQ(run.training.progress().best, (Best{2, 9.0 / 20}))
      << "the first of equals, not epoch 0";
  EXPECT_EQ(epoch_of(run.directory.best()), 2);
  EXPECT_EQ(epoch_of(run.directory.last()), 5);
  EXPECT_THAT(is_best, ElementsAre(false, true, true, false, false, false));
}

TEST_F(TrainingRunTest, ChoosesTheBestByTrainingLossWithoutValidation) {
  ScriptedEngine script;
  script.losses = {5, 4, 1, 2, 1};
  script.test_correct = {0, 10, 20, 5, 90, 80};
  RunInFolder run(folder("a"), scripted_config(5, 0), {}, std::make_unique<ScriptedEngine>(script));
  run.training.run();
  EXPECT_EQ(run.training.progress().best, (Best{3, 1}));
  EXPECT_EQ(epoch_of(run.directory.best()), 3);
}

TEST_F(TrainingRunTest, LosesPatience) {
  ScriptedEngine script;
  script.losses = {9, 9, 9, 9, 9, 9};
  script.validation_correct = {0, 3, 5, 4, 5, 20, 20};
  Config config = scripted_config(6, 20);
  config.patience = 2;
  {
    RunInFolder run(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script));
    EXPECT_EQ(run.training.run(), Outcome::kFinished);
    EXPECT_EQ(run.training.progress().epoch, 4) << "two epochs after the best";
    EXPECT_EQ(epoch_of(run.directory.best()), 2);
  }
  RunInFolder resumed(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script));
  resumed.training.resume(load_checkpoint(resumed.directory.last()));
  EXPECT_TRUE(resumed.training.is_finished());
}

}  // namespace
}  // namespace snn
