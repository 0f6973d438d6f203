#include "snn/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/error_of.h"
#include "support/training.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The parts that a user's own program needs for training; there is no folder and no file.
struct Job {
  explicit Job(Config config_)
      : config(std::move(config_)),
        data(load_training_data(config)),
        network(network_spec(config, data.train.shape, data.train.classes)),
        engine(engine_of(config, network)) {}

  Config config;
  TrainingData data;
  NetworkSpec network;
  std::unique_ptr<Engine> engine;
};

TEST(Trainer, TrainsWithoutAFolder) {
  Job job(small_config());
  Trainer trainer(*job.engine, job.data, job.config, job.network);
  EXPECT_EQ(trainer.run(), Outcome::kFinished);
  ASSERT_EQ(trainer.rows().size(), 4u);
  EXPECT_GT(trainer.rows()[3].test.accuracy.value(), trainer.rows()[0].test.accuracy.value());
  EXPECT_EQ(trainer.step(), 3 * kBatches);

  const TemporaryDirectory temporary;
  RunInFolder run(temporary.path() / "a", small_config());
  run.training.run();
  EXPECT_EQ(serialize(trainer.checkpoint()), run.last()) << "a folder changes nothing";
  EXPECT_EQ(timeless(trainer.rows()), timeless(run.metrics()));
}

TEST(Trainer, GivesACheckpointAfterEachEpochAndWhereItWasStopped) {
  std::vector<std::string> given;
  int question = 0;
  Observer observer;
  observer.checkpoint = [&](const Checkpoint& checkpoint, bool is_best) {
    const auto& [epoch, batch, sums, best] = checkpoint.progress;
    given.push_back(std::to_string(epoch) + "." + std::to_string(batch) + (is_best ? "!" : ""));
    EXPECT_EQ(is_best, batch == 0 && best && best->epoch == epoch);
  };
  constexpr int kInTheSecondEpoch = 2 + kBatches + 2 + 1;
  observer.stop_requested = [&] { return question++ == kInTheSecondEpoch; };
  Config config = small_config();
  config.checkpoint_every = {.batches = 2, .minutes = 0};
  Job job(config);
  Trainer trainer(*job.engine, job.data, job.config, job.network, observer);
  EXPECT_EQ(trainer.run(), Outcome::kInterrupted);
  EXPECT_THAT(given, ElementsAre("0.2", "1.0!", "1.1"));
}

TEST(Trainer, GoesOnBitForBitFromACheckpointThatItGave) {
  Job whole(small_config());
  std::vector<Checkpoint> given;
  Observer observer;
  observer.checkpoint = [&](const Checkpoint& checkpoint, bool) { given.push_back(checkpoint); };
  Config often = small_config();
  often.checkpoint_every = {.batches = 1, .minutes = 0};
  Trainer unbroken(*whole.engine, whole.data, often, whole.network, observer);
  unbroken.run();
  ASSERT_EQ(given.size(), 3u * kBatches);
  for (const Checkpoint& checkpoint : given) {
    Job job(small_config());
    Trainer trainer(*job.engine, job.data, job.config, job.network);
    trainer.resume(checkpoint);
    trainer.restore_rows(unbroken.rows());
    EXPECT_EQ(std::ssize(trainer.rows()), checkpoint.progress.epoch + 1) << "none of later epochs";
    trainer.run();
    EXPECT_EQ(serialize(trainer.checkpoint()), serialize(given.back()));
    EXPECT_EQ(timeless(trainer.rows()), timeless(unbroken.rows()));
  }
}

// Batches of several pieces, which the engine's threads load during its steps.
TEST(Trainer, LearnsTheSameBitsWithAnyNumberOfThreads) {
  for (const EngineKind engine : {EngineKind::kReference, EngineKind::kFused}) {
    std::string expected;
    for (const int threads : {1, 2, 3}) {
      Config config = small_config();
      config.engine = engine;
      config.batch_size = 350;
      config.epochs = 2;
      config.threads = 1;  // else the checkpoints differ by their configuration
      Job job(config);
      job.engine = make_engine(engine, engine_options(config, job.network, "cpu", threads));
      const std::vector<std::uint32_t> once = job.data.train_indices;
      while (job.data.train_indices.size() < 800) {
        job.data.train_indices.insert(job.data.train_indices.end(), once.begin(), once.end());
      }
      Trainer trainer(*job.engine, job.data, job.config, job.network);
      trainer.run();
      const std::string checkpoint = serialize(trainer.checkpoint());
      if (expected.empty()) expected = checkpoint;
      EXPECT_EQ(checkpoint, expected) << name_of(engine) << ", " << threads << " threads";
    }
  }
}

TEST(Trainer, CountsNoBatchThatWasTrainedBefore) {
  Job job(scripted_config(1, 0));
  ScriptedEngine engine;
  engine.losses = {100, 3};
  Batch before;
  before.labels.resize(50);
  engine.train_batch(before, 0.1);
  Trainer trainer(engine, job.data, job.config, job.network);
  trainer.run();
  EXPECT_EQ(trainer.rows()[1].train.loss, 3);
}

TEST(Trainer, SaysThatItDivergedWithoutAFolder) {
  Job job(scripted_config(3, 0));
  ScriptedEngine engine;
  engine.losses = {3, std::nan(""), 1};
  int checkpoints = 0;
  Observer observer;
  observer.checkpoint = [&](const Checkpoint&, bool) { ++checkpoints; };
  Trainer trainer(engine, job.data, job.config, job.network, observer);
  const std::string text = error_of(ExitCode::kDiverged, [&] { trainer.run(); });
  EXPECT_THAT(text, HasSubstr("training diverged in epoch 2, step 2: loss nan"));
  EXPECT_THAT(text, HasSubstr("last finite loss 3"));
  EXPECT_THAT(text, Not(HasSubstr("checkpoint"))) << "there is none that it knows of";
  EXPECT_EQ(checkpoints, 1);
}

// Twenty batches an epoch.
Config config_of_many_batches() {
  Config config = scripted_config(2, 0);
  config.batch_size = 5;
  return config;
}

TEST(Trainer, AsksForResultsOnlyWhereTheyAreNeeded) {
  Job job(config_of_many_batches());
  ScriptedEngine engine;
  for (int step = 0; step < 40; ++step) engine.losses.push_back(step);
  int question = 0;
  std::vector<std::int64_t> reported;
  Observer observer;
  observer.wants_batch = [&] { return ++question % 8 == 0; };
  observer.batch = [&](const BatchReport& report) {
    reported.push_back(report.batch);
    const auto first = static_cast<double>(20 * (report.epoch - 1));
    const auto done = static_cast<double>(report.batch);
    EXPECT_DOUBLE_EQ(report.loss, first + (done - 1) / 2) << "the mean of all steps so far";
  };
  Trainer trainer(engine, job.data, job.config, job.network, observer);
  trainer.run();
  // The question is not asked after the last batch of an epoch. A machine that stands still for a
  // second adds a report.
  EXPECT_THAT(reported, testing::IsSupersetOf({8, 16, 20, 5, 13, 20}));
  EXPECT_LT(engine.times_asked, 40);
  EXPECT_EQ(trainer.rows()[1].train.loss, 9.5);
  EXPECT_EQ(trainer.rows()[2].train.loss, 29.5);
}

TEST(Trainer, NamesTheStepThatDivergedHoweverLateItHearsOfIt) {
  for (const bool asks_each_step : {false, true}) {
    Job job(config_of_many_batches());
    ScriptedEngine engine;
    engine.losses.assign(40, 3);
    engine.losses[25] = 2.5;
    engine.losses[26] = std::nan("");
    engine.losses[30] = std::nan("");
    Observer observer;
    observer.wants_batch = [&] { return asks_each_step; };
    observer.batch = [](const BatchReport&) {};
    Trainer trainer(engine, job.data, job.config, job.network, observer);
    const std::string text = error_of(ExitCode::kDiverged, [&] { trainer.run(); });
    EXPECT_THAT(text, HasSubstr("training diverged in epoch 2, step 27: loss nan"));
    EXPECT_THAT(text, HasSubstr("last finite loss 2.5"));
  }
}

TEST(Trainer, TakesAllResultsBeforeItGivesACheckpoint) {
  Config config = config_of_many_batches();
  config.checkpoint_every = {.batches = 7, .minutes = 0};
  Job job(config);
  ScriptedEngine engine;
  for (int step = 0; step < 40; ++step) engine.losses.push_back(step);
  std::vector<std::int64_t> batches;
  Observer observer;
  int question = 0;  // the first is the evaluation's, then there is one before each batch
  observer.stop_requested = [&] { return ++question > 20; };
  observer.checkpoint = [&](const Checkpoint& checkpoint, bool) {
    const auto& [epoch, batch, sums, best] = checkpoint.progress;
    batches.push_back(batch);
    EXPECT_EQ(sums.samples, 5 * batch);
    EXPECT_EQ(sums.loss, 5.0 * static_cast<double>(batch * (batch - 1)) / 2);
    EXPECT_EQ(checkpoint.state.step, batch);
  };
  Trainer trainer(engine, job.data, job.config, job.network, observer);
  EXPECT_EQ(trainer.run(), Outcome::kInterrupted);
  EXPECT_THAT(batches, ElementsAre(7, 14, 19));
}

TEST(Trainer, EndsWhenACheckpointCannotBeKept) {
  Job job(scripted_config(3, 0));
  ScriptedEngine engine;
  engine.losses = {3, 2, 1};
  Observer observer;
  observer.checkpoint = [](const Checkpoint&, bool) { throw std::runtime_error("no room"); };
  Trainer trainer(engine, job.data, job.config, job.network, observer);
  EXPECT_THROW(trainer.run(), std::runtime_error);
}

}  // namespace
}  // namespace snn
