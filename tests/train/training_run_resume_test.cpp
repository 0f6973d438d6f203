#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "snn/train/summary.h"
#include "snn/train/training_run.h"
#include "support/error_of.h"
#include "support/training.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrainingRunOfEngine : public TrainingRunTest,
                            public testing::WithParamInterface<EngineKind> {};
INSTANTIATE_TEST_SUITE_P(Engines, TrainingRunOfEngine,
                         testing::Values(EngineKind::kReference, EngineKind::kFused),
                         [](const auto& engine) { return std::string(name_of(engine.param)); });

// The stop may come before training, between batches, or in an evaluation.
TEST_P(TrainingRunOfEngine, GoesOnBitForBitFromWhereverItWasStopped) {
  Config adam = small_config();
  adam.engine = GetParam();
  adam.threads = GetParam() == EngineKind::kFused ? 2 : 1;
  Config sgd = adam;
  sgd.optimizer = OptimizerKind::kSgd;
  sgd.momentum = 0.9;
  sgd.validation = 0;
  sgd.encoding = RateCode{};
  Config all = adam;  // with three steps per epoch, as the others
  all.batch_size = 8;
  all.accumulate = 4;
  all.ema = 0.9;
  all.max_norm = 1;
  all.tbptt = 2;
  all.dropout = 0.3;
  for (const Config& config : {adam, sgd, all}) {
    const std::string name = config.ema > 0 ? "all" : config.validation > 0 ? "adam" : "sgd";
    RunInFolder unbroken(folder(name), config);
    unbroken.training.run();
    bool was_interrupted = true;
    int stop = 0;
    for (; was_interrupted; ++stop) {
      const fs::path path = folder(name + std::to_string(stop));
      was_interrupted =
          RunInFolder(path, config, stop_at(stop)).training.run() == Outcome::kInterrupted;
      RunInFolder resumed(path, config);
      ASSERT_EQ(resumed.go_on(), Outcome::kFinished);
      ASSERT_EQ(resumed.last(), unbroken.last()) << name << " stopped at " << stop;
      ASSERT_EQ(resumed.best(), unbroken.best()) << name << " stopped at " << stop;
      ASSERT_EQ(timeless(resumed.metrics()), timeless(unbroken.metrics())) << stop;
    }
    // There is a query before each batch and each evaluation, also those of epoch 0.
    const int evaluations = config.validation > 0 ? 2 : 1;
    const int batches = static_cast<int>(config.validation > 0 ? kBatches : kBatches + 1);
    EXPECT_EQ(stop, evaluations + 3 * (batches + evaluations) + 1);
  }
}

TEST_F(TrainingRunTest, GoesOnForMoreEpochs) {
  Config config = small_config();
  config.lr_schedule = {};
  RunInFolder unbroken(folder("whole"), config);
  unbroken.training.run();
  for (const std::int64_t epochs : {1, 2, 3}) {
    config.epochs = epochs;
    if (epochs == 1) {
      RunInFolder(folder("a"), config).training.run();
    } else {
      RunInFolder(folder("a"), config).go_on();
    }
  }
  const RunInFolder run(folder("a"), config);
  EXPECT_EQ(run.last(), unbroken.last());
  EXPECT_EQ(run.best(), unbroken.best());
  EXPECT_EQ(timeless(run.metrics()), timeless(unbroken.metrics()));
}

// Complements the tests above: a checkpoint with any one part changed leads to a different result,
// so each part is needed, and equal bytes are meaningful.
TEST_F(TrainingRunTest, GoesElsewhereFromAnotherState) {
  const Config config = small_config();
  RunInFolder unbroken(folder("whole"), config);
  unbroken.training.run();
  const auto last_after = [&](const std::string& name, const auto& change) {
    constexpr int kInTheSecondEpoch = 2 + kBatches + 2 + 1;
    RunInFolder(folder(name), config, stop_at(kInTheSecondEpoch)).training.run();
    RunInFolder resumed(folder(name), config);
    Checkpoint checkpoint = load_checkpoint(resumed.directory.last());
    EXPECT_EQ(checkpoint.progress.epoch, 1);
    EXPECT_EQ(checkpoint.progress.batch, 1);
    change(checkpoint);
    resumed.training.resume(checkpoint);
    resumed.training.run();
    return resumed.last();
  };
  EXPECT_EQ(last_after("same", [](Checkpoint&) {}), unbroken.last());
  // These three values must agree with one another, and with the data.
  const auto refusal = [&](const std::string& name, const auto& change) {
    return error_of(ExitCode::kCheckpoint, [&] { last_after(name, change); });
  };
  EXPECT_THAT(refusal("batch", [](Checkpoint& c) { c.progress.batch = 2; }),
              HasSubstr("its step 4 does not match epoch 1, batch 2 of 3"));
  EXPECT_THAT(refusal("epoch", [](Checkpoint& c) { c.progress.epoch = 0; }),
              HasSubstr("its step 4 does not match epoch 0, batch 1 of 3"));
  EXPECT_THAT(refusal("step", [](Checkpoint& c) { ++c.state.step; }),
              HasSubstr("its step 5 does not match epoch 1, batch 1 of 3"));
  EXPECT_NE(last_after("moment",
                       [](Checkpoint& c) {
                         c.state.tensors.at("optimizer.exp_avg.fc2.bias").values[0] += 0.1F;
                       }),
            unbroken.last());
}

TEST_F(TrainingRunTest, CutsTheMetricsBackToTheCheckpoint) {
  Config config = small_config();
  config.epochs = 2;
  std::string after_one;
  Observer observer;
  observer.epoch = [&](const EpochReport& report) {
    if (report.row.epoch == 1) after_one = bytes_of(folder("a") / "checkpoints/last.safetensors");
  };
  std::string last;
  std::vector<MetricsRow> metrics;
  {
    RunInFolder run(folder("a"), config, observer);
    run.training.run();
    last = run.last();
    metrics = run.metrics();
  }
  // A kill between writing the two files of epoch 2 leaves them in this state.
  std::ofstream(folder("a") / "checkpoints/last.safetensors", std::ios::binary) << after_one;
  RunInFolder resumed(folder("a"), config);
  resumed.training.resume(load_checkpoint(resumed.directory.last()));
  EXPECT_EQ(resumed.training.rows().size(), 2u);
  resumed.training.run();
  EXPECT_EQ(resumed.last(), last);
  EXPECT_EQ(timeless(resumed.metrics()), timeless(metrics));
}

TEST_F(TrainingRunTest, KeepsDamagedMetricsAndGoesOn) {
  const Config config = small_config();
  RunInFolder unbroken(folder("whole"), config);
  unbroken.training.run();
  RunInFolder(folder("a"), config, stop_at(7)).training.run();
  const fs::path metrics = folder("a") / "metrics.csv";
  const std::string good = bytes_of(metrics);
  std::ofstream(metrics, std::ios::app) << "1,2\n";
  std::vector<std::string> warnings;
  Observer observer;
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  RunInFolder resumed(folder("a"), config, observer);
  EXPECT_EQ(resumed.go_on(), Outcome::kFinished);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("it is kept as " + metrics.string() + ".damaged")));
  EXPECT_EQ(bytes_of(metrics.string() + ".damaged"), good + "1,2\n");
  EXPECT_EQ(timeless(resumed.metrics()), timeless(unbroken.metrics())) << "its rows could be read";
}

// The report needs the rows of the best and of the last epoch; if their weights still exist, they
// are evaluated again.
TEST_F(TrainingRunTest, SaysWhichRowsAreMissingAndEvaluatesThoseThatItNeeds) {
  ScriptedEngine script;
  script.losses = {9, 8, 7, 6};
  script.validation_correct = {0, 3, 9, 5, 4};
  script.test_correct = {10, 20, 30, 40, 50};
  const auto train = [&](std::int64_t epochs, Observer observer) {
    const bool is_new = !fs::exists(folder("a"));
    RunInFolder run(folder("a"), scripted_config(epochs, 20), std::move(observer),
                    std::make_unique<ScriptedEngine>(script));
    EXPECT_EQ(is_new ? run.training.run() : run.go_on(), Outcome::kFinished);
    return run.metrics();
  };
  const auto whole = train(4, {});
  const auto with_rows = [&](const std::vector<std::size_t>& epochs) {
    std::vector<MetricsRow> rows;
    for (const std::size_t epoch : epochs) rows.push_back(whole[epoch]);
    std::ofstream(folder("a") / "metrics.csv") << metrics_to_csv(rows, 2);
    std::vector<std::string> warnings;
    Observer observer;
    observer.warning = [&](const std::string& text) { warnings.push_back(text); };
    auto result = std::pair(train(4, observer), std::vector<std::string>());
    result.second = warnings;
    return result;
  };
  const std::string missing =
      (folder("a") / "metrics.csv").string() + ": the rows of these epochs are missing: ";
  const auto epochs_of = [](const std::vector<MetricsRow>& rows) {
    std::vector<std::int64_t> epochs;
    for (const MetricsRow& row : rows) epochs.push_back(row.epoch);
    return epochs;
  };

  const auto [unharmed, no_warnings] = with_rows({0, 1, 2, 3, 4});
  EXPECT_EQ(unharmed, whole);
  EXPECT_THAT(no_warnings, IsEmpty());

  const auto [inner, inner_warnings] = with_rows({0, 2, 4});
  EXPECT_THAT(epochs_of(inner), ElementsAre(0, 2, 4));
  EXPECT_THAT(inner_warnings, ElementsAre(missing + "1, 3"));

  const auto [none, none_warnings] = with_rows({});
  EXPECT_THAT(epochs_of(none), ElementsAre(2, 4));
  EXPECT_THAT(none_warnings, ElementsAre(missing + "0-4"));
  for (const MetricsRow& row : none) {
    const MetricsRow& before = whole[static_cast<std::size_t>(row.epoch)];
    EXPECT_EQ(row.test, before.test);
    EXPECT_EQ(row.validation, before.validation);
    EXPECT_EQ(row.step, before.step);
    EXPECT_EQ(row.train, Score{}) << "nobody knows it any more";
  }
}

TEST_F(TrainingRunTest, RefusesACheckpointOfOtherData) {
  const Config config = small_config();
  RunInFolder(folder("a"), config, stop_at(7)).training.run();
  RunInFolder run(folder("a"), config);
  const Checkpoint good = load_checkpoint(run.directory.last());
  Checkpoint other_train = good, other_test = good;
  other_train.train_digest = "crc32:00000000";
  other_test.test_digest = "crc32:00000000";
  for (const Checkpoint& checkpoint : {other_train, other_test}) {
    EXPECT_THAT(error_of(ExitCode::kData, [&] { run.training.resume(checkpoint); }),
                testing::AllOf(HasSubstr("trained on different data: expected"),
                               HasSubstr("crc32:00000000"), HasSubstr(good.test_digest)));
  }
}

// The run is killed between the two checkpoints of an epoch, and no later epoch is better.
TEST_F(TrainingRunTest, ReportsNoBestCheckpointOfAnotherEpoch) {
  ScriptedEngine script;
  script.losses = {4, 3, 2, 1};
  script.validation_correct = {0, 5, 9, 3, 3};
  Config config = scripted_config(2, 20);
  RunInFolder(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script)).training.run();
  const std::string ahead = bytes_of(folder("a") / "checkpoints/best.safetensors");
  fs::remove_all(folder("a"));
  config.epochs = 1;
  RunInFolder(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script)).training.run();
  std::ofstream(folder("a") / "checkpoints/best.safetensors", std::ios::binary) << ahead;
  std::vector<std::string> warnings;
  Observer observer;
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  RunInFolder resumed(folder("a"), config, observer, std::make_unique<ScriptedEngine>(script));
  EXPECT_EQ(resumed.go_on(), Outcome::kFinished);
  EXPECT_THAT(
      warnings,
      ElementsAre(HasSubstr("from another epoch; the best weights, from epoch 1, are lost")));
  EXPECT_EQ(reported_checkpoint(config, resumed.training.saved()), "checkpoints/last.safetensors");
}

}  // namespace
}  // namespace snn
