#include "snn/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "snn/text/error.h"
#include "snn/train/summary.h"
#include "support/error_of.h"
#include "support/temporary_directory.h"
#include "train/tensorboard.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kBatches = 3;  // of an epoch of small_config()

// Three batches an epoch, the last one smaller. The learning rate changes with every step, and
// three layers' worth of parameters are learned.
Config small_config() {
  Config config;
  config.data_dir = std::string(SNN_TEST_DATA_DIR) + "/mnist-200";
  config.validation = 20;
  config.hidden = {20};
  config.steps = 5;
  config.batch_size = 32;
  config.epochs = 3;
  config.lr = 0.01;
  config.lr_schedule = parse_schedule("cosine");
  config.lr_warmup = 0.5;
  config.learn_beta = {true};
  config.engine = EngineKind::kReference;
  config.threads = 1;
  return config;
}

std::unique_ptr<Engine> engine_of(const Config& config, const NetworkSpec& network) {
  EngineOptions options;
  options.network = network;
  options.steps = config.steps;
  options.loss = config.loss;
  options.decision = config.decision;
  options.optimizer = {config.optimizer, config.momentum, config.weight_decay,
                       config.clip_grad_norm};
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.threads = static_cast<int>(config.threads);
  return make_engine(config.engine, options);
}

std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The rows without what only the clock knows.
std::vector<MetricsRow> timeless(std::vector<MetricsRow> rows) {
  for (MetricsRow& row : rows) {
    row.seconds.reset();
    row.samples_per_second.reset();
  }
  return rows;
}

// A training run in a folder, with all that a trainer refers to.
class Training {
 public:
  Training(const fs::path& folder, const Config& config, Observer observer = {},
           std::unique_ptr<Engine> other_engine = nullptr)
      : data(load_training_data(config)),
        network(network_spec(config, data.train.shape, data.train.classes)),
        engine(other_engine ? std::move(other_engine) : engine_of(config, network)),
        directory(fs::exists(folder)
                      ? RunDirectory::open(folder)
                      : RunDirectory::create(folder.parent_path(), folder.filename(), "")),
        trainer(*engine, data, config, network, directory, std::move(observer)) {}

  // Goes on from the last checkpoint in the folder.
  Outcome go_on() {
    trainer.resume(load_checkpoint(directory.last()));
    return trainer.run();
  }

  std::string last() const { return bytes_of(directory.last()); }
  std::string best() const { return bytes_of(directory.best()); }
  std::vector<MetricsRow> metrics() const {
    return metrics_from_csv(bytes_of(directory.metrics()), network.layers.size(), "metrics.csv");
  }

  TrainingData data;
  NetworkSpec network;
  std::unique_ptr<Engine> engine;
  RunDirectory directory;
  Trainer trainer;
};

// Asks for a stop at the question number `count`, from 0.
Observer stop_at(int count) {
  Observer observer;
  observer.stop_requested = [count]() mutable { return count-- <= 0; };
  return observer;
}

// Trains nothing, and answers as the test has it.
class ScriptedEngine : public Engine {
 public:
  std::vector<double> losses = {};  // of the epochs, each of one batch
  double gradient_norm = 1;
  std::vector<std::int64_t> validation_correct = {};  // of the epochs, from 0 on
  std::vector<std::int64_t> test_correct = {};
  std::vector<double> evaluation_losses = {};  // of the epochs, from 0 on
  std::vector<float> weights = {};             // one of them, of the epochs, from 0 on
  bool fails_at_once = false;

  std::string name() const override { return "scripted"; }
  BatchResult train_batch(const Batch&, double, const NextBatch& next) override {
    if (next) next();
    return {losses.at(step_++), 0, gradient_norm};
  }
  Evaluation evaluate(const Batch& batch) override {
    if (fails_at_once) throw std::runtime_error("no answer");
    // The test set is the larger one.
    auto& script = batch.size() == 20 ? validation_correct : test_correct;
    const std::int64_t correct = script.empty() ? 0 : script.at(step_);
    Evaluation evaluation;
    for (std::int64_t i = 0; i < batch.size(); ++i) {
      const std::int64_t label = batch.labels[static_cast<std::size_t>(i)];
      evaluation.predictions.push_back(i < correct ? label : (label + 1) % 10);
    }
    evaluation.layer_spikes = {{1}, {1}};
    evaluation.loss_sum = evaluation_losses.empty() ? 0 : evaluation_losses.at(step_);
    return evaluation;
  }
  EngineState export_state() const override {
    EngineState state;
    state.tensors = {{"fc1.weight", {{20, 784}, std::vector<float>(std::size_t{20} * 784)}},
                     {"fc2.weight", {{10, 20}, std::vector<float>(200)}}};
    if (!weights.empty()) state.tensors["fc2.weight"].values[7] = weights.at(step_);
    state.step = static_cast<std::int64_t>(step_);
    return state;
  }
  void import_state(const EngineState& state) override {
    step_ = static_cast<std::size_t>(state.step);
  }

 private:
  std::size_t step_ = 0;
};

// One batch an epoch.
Config scripted_config(std::int64_t epochs, std::int64_t validation) {
  Config config = small_config();
  config.lr_schedule = {};
  config.validation = validation;
  config.batch_size = 100;
  config.epochs = epochs;
  return config;
}

class TrainerTest : public testing::Test {
 protected:
  fs::path folder(const std::string& name) const { return temporary_.path() / name; }

  TemporaryDirectory temporary_;
};

TEST_F(TrainerTest, SharesOutTheData) {
  Config config = small_config();
  config.limit_train = 7;
  config.limit_test = 3;
  const TrainingData data = load_training_data(config);
  EXPECT_THAT(data.train_indices, ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(data.test_indices, ElementsAre(0, 1, 2));
  ASSERT_EQ(data.validation_indices.size(), 20u);
  EXPECT_EQ(data.validation_indices.front(), 80u);
  EXPECT_EQ(data.validation_indices.back(), 99u);
  config.limit_train = 90;
  EXPECT_EQ(load_training_data(config).train_indices.size(), 80u) << "none of the validation's";
  config.limit_train = config.limit_test = config.validation = 0;
  EXPECT_EQ(load_training_data(config).train_indices.size(), 100u);
  EXPECT_EQ(load_training_data(config).test_indices.size(), 100u);
  config.validation = 100;
  EXPECT_EQ(error_of(ExitCode::kUsage, [&] { load_training_data(config); }),
            "validation: expected less than the 100 training images, found 100");
}

TEST_F(TrainerTest, LearnsAndWritesARowForEachEpoch) {
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
  Training run(folder("a"), small_config(), observer);
  EXPECT_EQ(run.trainer.run(), Outcome::kFinished);
  EXPECT_TRUE(run.trainer.is_finished());
  EXPECT_THAT(batches, ElementsAre(11, 12, 13, 21, 22, 23, 31, 32, 33));

  const auto& rows = run.trainer.rows();
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

TEST_F(TrainerTest, LeavesACheckpointThatAloneIsEnoughToEvaluate) {
  Training run(folder("a"), small_config());
  run.trainer.run();
  const Checkpoint checkpoint = load_checkpoint(run.directory.last());
  EXPECT_EQ(checkpoint.progress, run.trainer.progress());
  EXPECT_EQ(checkpoint.train_digest, run.data.train.digest);
  EXPECT_EQ(checkpoint.test_digest, run.data.test.digest);
  Config other_seed = checkpoint.config;
  other_seed.seed = 99;
  other_seed.engine = small_config().engine;
  const auto engine = engine_of(other_seed, checkpoint.network);
  engine->import_state(checkpoint.state);
  const auto evaluation = evaluate(*engine, run.data.test, run.data.test_indices);
  EXPECT_EQ(score(*evaluation, run.data.test, run.data.test_indices),
            run.trainer.rows().back().test);
}

TEST_F(TrainerTest, WritesACheckpointBeforeAnythingElse) {
  Training run(folder("a"), small_config(), stop_at(0));
  EXPECT_EQ(run.trainer.run(), Outcome::kInterrupted);
  const Checkpoint checkpoint = load_checkpoint(run.directory.last());
  EXPECT_EQ(checkpoint.progress, Progress{});
  EXPECT_EQ(checkpoint.state.tensors,
            engine_of(small_config(), run.network)->export_state().tensors);
  EXPECT_FALSE(fs::exists(run.directory.metrics()));
}

TEST_F(TrainerTest, GivesTheSameFilesForTheSameSeed) {
  Config config = small_config();
  Training one(folder("a"), config), two(folder("b"), config);
  config.seed = 2;
  Training other(folder("c"), config);
  for (Training* run : {&one, &two, &other}) run->trainer.run();
  EXPECT_EQ(one.last(), two.last());
  EXPECT_EQ(one.best(), two.best());
  EXPECT_EQ(timeless(one.metrics()), timeless(two.metrics()));
  EXPECT_NE(timeless(one.metrics()), timeless(other.metrics()));
}

class TrainerOfEngine : public TrainerTest, public testing::WithParamInterface<EngineKind> {};
INSTANTIATE_TEST_SUITE_P(Engines, TrainerOfEngine,
                         testing::Values(EngineKind::kReference, EngineKind::kFused),
                         [](const auto& engine) { return std::string(name_of(engine.param)); });

// Wherever the stop comes: before training, between batches, in an evaluation.
TEST_P(TrainerOfEngine, GoesOnBitForBitFromWhereverItWasStopped) {
  Config adam = small_config();
  adam.engine = GetParam();
  adam.threads = GetParam() == EngineKind::kFused ? 2 : 1;
  Config sgd = adam;
  sgd.optimizer = OptimizerKind::kSgd;
  sgd.momentum = 0.9;
  sgd.validation = 0;
  for (const Config& config : {adam, sgd}) {
    const std::string name = config.validation > 0 ? "adam" : "sgd";
    Training unbroken(folder(name), config);
    unbroken.trainer.run();
    bool was_interrupted = true;
    int stop = 0;
    for (; was_interrupted; ++stop) {
      const fs::path path = folder(name + std::to_string(stop));
      was_interrupted =
          Training(path, config, stop_at(stop)).trainer.run() == Outcome::kInterrupted;
      Training resumed(path, config);
      ASSERT_EQ(resumed.go_on(), Outcome::kFinished);
      ASSERT_EQ(resumed.last(), unbroken.last()) << name << " stopped at " << stop;
      ASSERT_EQ(resumed.best(), unbroken.best()) << name << " stopped at " << stop;
      ASSERT_EQ(timeless(resumed.metrics()), timeless(unbroken.metrics())) << stop;
    }
    // A question before each of the batches and evaluations, also those of epoch 0.
    const int evaluations = config.validation > 0 ? 2 : 1;
    const int batches = static_cast<int>(config.validation > 0 ? kBatches : kBatches + 1);
    EXPECT_EQ(stop, evaluations + 3 * (batches + evaluations) + 1);
  }
}

// The event file has a point of each row of metrics.csv, once and as it is there.
void expect_events_of_all_rows(const Training& run) {
  constexpr std::size_t kWallTime = 9;  // bytes
  const std::string bytes = bytes_of(run.directory.events());
  const auto records = read_records(bytes);
  const auto rows = run.metrics();
  ASSERT_EQ(records.size(), 1 + rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(records[i + 1].substr(kWallTime), to_event(rows[i], run.network, 0).substr(kWallTime))
        << i;
  }
}

TEST_F(TrainerTest, KeepsTheEventFileInStepWithTheMetrics) {
  Config config = small_config();
  config.tensorboard = true;
  Training unbroken(folder("whole"), config);
  unbroken.trainer.run();
  expect_events_of_all_rows(unbroken);
  for (const int stop : {0, 3, 7, 8, 11}) {
    const fs::path path = folder("a" + std::to_string(stop));
    Training(path, config, stop_at(stop)).trainer.run();
    Training resumed(path, config);
    // As a kill in the middle of writing leaves it.
    if (fs::exists(resumed.directory.events())) {
      fs::resize_file(resumed.directory.events(), fs::file_size(resumed.directory.events()) - 3);
    }
    ASSERT_EQ(resumed.go_on(), Outcome::kFinished);
    expect_events_of_all_rows(resumed);
  }
}

TEST_F(TrainerTest, CatchesUpWithAnEventFileThatIsAskedForLater) {
  Config config = small_config();
  config.lr_schedule = {};
  Training(folder("a"), config).trainer.run();
  EXPECT_FALSE(fs::exists(folder("a") / "events.out.tfevents.snn-train"));
  config.tensorboard = true;
  config.epochs = 4;
  Training later(folder("a"), config);
  later.go_on();
  expect_events_of_all_rows(later);
}

TEST_F(TrainerTest, KeepsItsCheckpointsWhenTheEventFileCannotBeWritten) {
  Config config = small_config();
  config.lr_schedule = {};
  config.epochs = 1;
  Training(folder("a"), config).trainer.run();
  config.tensorboard = true;
  config.epochs = 2;
  fs::create_directory(folder("a") / "events.out.tfevents.snn-train");
  const std::string error = error_of([&] { Training(folder("a"), config).go_on(); });
  EXPECT_THAT(error, HasSubstr("events.out.tfevents.snn-train: not a regular file"));
  fs::remove(folder("a") / "events.out.tfevents.snn-train");
  Training again(folder("a"), config);
  EXPECT_EQ(again.go_on(), Outcome::kFinished);
  expect_events_of_all_rows(again);
}

TEST_F(TrainerTest, GoesOnForMoreEpochs) {
  Config config = small_config();
  config.lr_schedule = {};
  Training unbroken(folder("whole"), config);
  unbroken.trainer.run();
  for (const std::int64_t epochs : {1, 2, 3}) {
    config.epochs = epochs;
    if (epochs == 1) {
      Training(folder("a"), config).trainer.run();
    } else {
      Training(folder("a"), config).go_on();
    }
  }
  const Training run(folder("a"), config);
  EXPECT_EQ(run.last(), unbroken.last());
  EXPECT_EQ(run.best(), unbroken.best());
  EXPECT_EQ(timeless(run.metrics()), timeless(unbroken.metrics()));
}

// The counterpart of the tests above: a checkpoint in which a thing is wrong leads elsewhere, so
// each of these is needed, and equal bytes mean something.
TEST_F(TrainerTest, GoesElsewhereFromAnotherState) {
  const Config config = small_config();
  Training unbroken(folder("whole"), config);
  unbroken.trainer.run();
  const auto last_after = [&](const std::string& name, const auto& change) {
    constexpr int kInTheSecondEpoch = 2 + kBatches + 2 + 1;
    Training(folder(name), config, stop_at(kInTheSecondEpoch)).trainer.run();
    Training resumed(folder(name), config);
    Checkpoint checkpoint = load_checkpoint(resumed.directory.last());
    EXPECT_EQ(checkpoint.progress.epoch, 1);
    EXPECT_EQ(checkpoint.progress.batch, 1);
    change(checkpoint);
    resumed.trainer.resume(checkpoint);
    resumed.trainer.run();
    return resumed.last();
  };
  EXPECT_EQ(last_after("same", [](Checkpoint&) {}), unbroken.last());
  // These three belong together, and with the data.
  const auto refusal = [&](const std::string& name, const auto& change) {
    return error_of(ExitCode::kCheckpoint, [&] { last_after(name, change); });
  };
  EXPECT_THAT(refusal("batch", [](Checkpoint& c) { c.progress.batch = 2; }),
              HasSubstr("its step 4 is not that of epoch 1, batch 2 of 3"));
  EXPECT_THAT(refusal("epoch", [](Checkpoint& c) { c.progress.epoch = 0; }),
              HasSubstr("its step 4 is not that of epoch 0, batch 1 of 3"));
  EXPECT_THAT(refusal("step", [](Checkpoint& c) { ++c.state.step; }),
              HasSubstr("its step 5 is not that of epoch 1, batch 1 of 3"));
  EXPECT_NE(last_after("moment",
                       [](Checkpoint& c) {
                         c.state.tensors.at("optimizer.exp_avg.fc2.bias").values[0] += 0.1F;
                       }),
            unbroken.last());
}

TEST_F(TrainerTest, CutsTheMetricsBackToTheCheckpoint) {
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
    Training run(folder("a"), config, observer);
    run.trainer.run();
    last = run.last();
    metrics = run.metrics();
  }
  // As a kill between the two files of epoch 2 leaves them.
  std::ofstream(folder("a") / "checkpoints/last.safetensors", std::ios::binary) << after_one;
  Training resumed(folder("a"), config);
  resumed.trainer.resume(load_checkpoint(resumed.directory.last()));
  EXPECT_EQ(resumed.trainer.rows().size(), 2u);
  resumed.trainer.run();
  EXPECT_EQ(resumed.last(), last);
  EXPECT_EQ(timeless(resumed.metrics()), timeless(metrics));
}

TEST_F(TrainerTest, KeepsDamagedMetricsAndGoesOn) {
  const Config config = small_config();
  Training unbroken(folder("whole"), config);
  unbroken.trainer.run();
  Training(folder("a"), config, stop_at(7)).trainer.run();
  const fs::path metrics = folder("a") / "metrics.csv";
  const std::string good = bytes_of(metrics);
  std::ofstream(metrics, std::ios::app) << "1,2\n";
  std::vector<std::string> warnings;
  Observer observer;
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  Training resumed(folder("a"), config, observer);
  EXPECT_EQ(resumed.go_on(), Outcome::kFinished);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("it is kept as " + metrics.string() + ".damaged")));
  EXPECT_EQ(bytes_of(metrics.string() + ".damaged"), good + "1,2\n");
  EXPECT_EQ(timeless(resumed.metrics()), timeless(unbroken.metrics())) << "its rows could be read";
}

// The rows of the best and of the last epoch tell how the run did; what their weights still say is
// evaluated anew.
TEST_F(TrainerTest, SaysWhichRowsAreMissingAndEvaluatesThoseThatItNeeds) {
  ScriptedEngine script;
  script.losses = {9, 8, 7, 6};
  script.validation_correct = {0, 3, 9, 5, 4};
  script.test_correct = {10, 20, 30, 40, 50};
  const auto train = [&](std::int64_t epochs, Observer observer) {
    const bool is_new = !fs::exists(folder("a"));
    Training run(folder("a"), scripted_config(epochs, 20), std::move(observer),
                 std::make_unique<ScriptedEngine>(script));
    EXPECT_EQ(is_new ? run.trainer.run() : run.go_on(), Outcome::kFinished);
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

TEST_F(TrainerTest, KnowsTheSecondsOfNoEpochThatWasInterrupted) {
  Config config = small_config();
  config.epochs = 2;
  // In the first epoch, after its first batch.
  Training(folder("a"), config, stop_at(2 + 1)).trainer.run();
  Training run(folder("a"), config);
  run.go_on();
  const auto rows = run.metrics();
  EXPECT_FALSE(rows[1].seconds);
  EXPECT_GT(rows[1].samples_per_second, 0.0);
  EXPECT_GT(rows[2].seconds, 0.0);
  const auto summary =
      nlohmann::json::parse(summary_to_json(config, run.trainer.progress(), rows, {}));
  EXPECT_TRUE(summary["epoch_seconds"][0].is_null());
  EXPECT_EQ(summary["epoch_seconds"][1], *rows[2].seconds);
  const double seconds = 1 / *rows[1].samples_per_second + 1 / *rows[2].samples_per_second;
  EXPECT_DOUBLE_EQ(summary["samples_per_second"], 2 / seconds);
}

// As one that a signal stopped and let go on.
TEST_F(TrainerTest, KnowsTheSecondsOfNoEpochInWhichItStoodStill) {
  Config config = small_config();
  config.epochs = 2;
  Observer observer;
  int batch = 0;
  // Asked before the first epoch, and then after each of its batches.
  observer.was_stopped = [&] { return batch++ == 2; };
  Training run(folder("a"), config, observer);
  run.trainer.run();
  EXPECT_FALSE(run.trainer.rows()[1].seconds);
  EXPECT_GT(run.trainer.rows()[1].samples_per_second, 0.0);
  EXPECT_GT(run.trainer.rows()[2].seconds, 0.0);
}

TEST_F(TrainerTest, SavesWithinAnEpoch) {
  Config config = small_config();
  config.checkpoint_every = {.batches = 2, .minutes = 0};
  std::vector<std::int64_t> saved;  // batches
  Observer observer;
  observer.stop_requested = [&] {
    if (!fs::exists(folder("a") / "metrics.csv")) return false;
    saved.push_back(load_checkpoint(folder("a") / "checkpoints/last.safetensors").progress.batch);
    return false;
  };
  Training run(folder("a"), config, observer);
  run.trainer.run();
  // Before each of the 3 batches of an epoch and its 2 evaluations; those of epoch 0 come before.
  EXPECT_THAT(saved, ElementsAre(0, 0, 2, 2, 2, 0, 0, 2, 2, 2, 0, 0, 2, 2, 2));
  config.checkpoint_every = {};
  Training other(folder("b"), config);
  other.trainer.run();
  EXPECT_EQ(run.last(), other.last());
}

TEST_F(TrainerTest, RefusesACheckpointOfOtherData) {
  const Config config = small_config();
  Training(folder("a"), config, stop_at(7)).trainer.run();
  Training run(folder("a"), config);
  const Checkpoint good = load_checkpoint(run.directory.last());
  Checkpoint other_train = good, other_test = good;
  other_train.train_digest = "crc32:00000000";
  other_test.test_digest = "crc32:00000000";
  for (const Checkpoint& checkpoint : {other_train, other_test}) {
    EXPECT_THAT(error_of(ExitCode::kData, [&] { run.trainer.resume(checkpoint); }),
                testing::AllOf(HasSubstr("trained on other data: expected"),
                               HasSubstr("crc32:00000000"), HasSubstr(good.test_digest)));
  }
}

TEST_F(TrainerTest, StopsWhenItDiverges) {
  Config config = small_config();
  config.lr_schedule = {};
  config.lr_warmup = 0;
  config.lr = 1e38;  // near the most that a float holds
  Training run(folder("a"), config);
  const std::string text = error_of(ExitCode::kDiverged, [&] { run.trainer.run(); });
  EXPECT_THAT(text, HasSubstr("training diverged in epoch 1, step 2: loss "));
  EXPECT_THAT(text, HasSubstr("try a lower --lr or --clip-grad-norm 1"));
  EXPECT_THAT(text, HasSubstr(run.directory.last().string()));
  EXPECT_EQ(load_checkpoint(run.directory.last()).progress, Progress{});
}

std::int64_t epoch_of(const fs::path& checkpoint) {
  return load_checkpoint(checkpoint).progress.epoch;
}

TEST_F(TrainerTest, ChoosesTheBestByValidation) {
  ScriptedEngine script;
  script.losses = {5, 4, 3, 2, 1};
  script.validation_correct = {20, 3, 9, 8, 9, 1};
  script.test_correct = {100, 10, 20, 30, 40, 90};
  std::vector<bool> is_best;
  Observer observer;
  observer.epoch = [&](const EpochReport& report) { is_best.push_back(report.is_best); };
  Training run(folder("a"), scripted_config(5, 20), observer,
               std::make_unique<ScriptedEngine>(script));
  EXPECT_EQ(run.trainer.run(), Outcome::kFinished);
  EXPECT_EQ(run.trainer.progress().best, (Best{2, 9.0 / 20})) << "the first of equals, not epoch 0";
  EXPECT_EQ(epoch_of(run.directory.best()), 2);
  EXPECT_EQ(epoch_of(run.directory.last()), 5);
  EXPECT_THAT(is_best, ElementsAre(false, true, true, false, false, false));
}

TEST_F(TrainerTest, ChoosesTheBestByTrainingLossWithoutValidation) {
  ScriptedEngine script;
  script.losses = {5, 4, 1, 2, 1};
  script.test_correct = {0, 10, 20, 5, 90, 80};
  Training run(folder("a"), scripted_config(5, 0), {}, std::make_unique<ScriptedEngine>(script));
  run.trainer.run();
  EXPECT_EQ(run.trainer.progress().best, (Best{3, 1}));
  EXPECT_EQ(epoch_of(run.directory.best()), 3);
}

TEST_F(TrainerTest, LosesPatience) {
  ScriptedEngine script;
  script.losses = {9, 9, 9, 9, 9, 9};
  script.validation_correct = {0, 3, 5, 4, 5, 20, 20};
  Config config = scripted_config(6, 20);
  config.patience = 2;
  {
    Training run(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script));
    EXPECT_EQ(run.trainer.run(), Outcome::kFinished);
    EXPECT_EQ(run.trainer.progress().epoch, 4) << "two epochs after the best";
    EXPECT_EQ(epoch_of(run.directory.best()), 2);
  }
  Training resumed(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script));
  resumed.trainer.resume(load_checkpoint(resumed.directory.last()));
  EXPECT_TRUE(resumed.trainer.is_finished());
}

TEST_F(TrainerTest, KeepsTheCheckpointsOfTheEpochBeforeItDiverged) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ScriptedEngine bad_loss, bad_gradient;
  bad_loss.losses = {3, 2, std::nan(""), 1};
  bad_gradient.losses = {3, 2, 1, 1};
  int number = 0;
  for (const ScriptedEngine& script : {bad_loss, bad_gradient}) {
    auto engine = std::make_unique<ScriptedEngine>(script);
    ScriptedEngine* const watched = engine.get();
    std::string last;
    const fs::path path = folder("run" + std::to_string(++number));
    Observer observer;
    observer.epoch = [&](const EpochReport& report) {
      if (report.row.epoch != 2) return;
      last = bytes_of(path / "checkpoints/last.safetensors");
      if (number == 2) watched->gradient_norm = kInfinity;
    };
    Training run(path, scripted_config(4, 0), observer, std::move(engine));
    EXPECT_THAT(error_of(ExitCode::kDiverged, [&] { run.trainer.run(); }),
                HasSubstr("training diverged in epoch 3, step 3: loss " +
                          std::string(number == 2 ? "1, gradient norm inf" : "nan")));
    EXPECT_EQ(run.last(), last);
    EXPECT_EQ(epoch_of(run.directory.last()), 2);
    EXPECT_EQ(run.metrics().size(), 3u);
  }
}

TEST_F(TrainerTest, DoesNotKeepAnEpochWhoseLastStepRuinedTheWeights) {
  ScriptedEngine script;
  script.losses = {3, 2};
  script.evaluation_losses = {3, 2, std::nan("")};
  Training run(folder("run"), scripted_config(2, 0), {}, std::make_unique<ScriptedEngine>(script));
  EXPECT_THAT(error_of(ExitCode::kDiverged, [&] { run.trainer.run(); }),
              HasSubstr("training diverged in epoch 2, step 2: evaluation loss nan"));
  EXPECT_EQ(epoch_of(run.directory.last()), 1);
  EXPECT_EQ(run.metrics().size(), 2u);
}

// The loss does not show it: a neuron that is given NaN never spikes.
TEST_F(TrainerTest, NeverSavesWhatIsNotFinite) {
  ScriptedEngine script;
  script.losses = {1, 1, 1};
  script.weights = {0, 1, NAN, 0};
  Training run(folder("run"), scripted_config(3, 0), {}, std::make_unique<ScriptedEngine>(script));
  EXPECT_EQ(error_of(ExitCode::kDiverged, [&] { run.trainer.run(); }),
            "training diverged in epoch 2, step 2: fc2.weight holds nan, learning rate 0.01, last "
            "finite loss 1; try a lower --lr or --clip-grad-norm 1. The last good checkpoint is " +
                run.directory.last().string() + ", after epoch 1");
  EXPECT_EQ(epoch_of(run.directory.last()), 1);
  EXPECT_EQ(run.metrics().size(), 2u);
  EXPECT_EQ(run.trainer.progress().epoch, 1);
}

TEST_F(TrainerTest, LeavesNothingToGoOnWithWhenItFailsAtOnce) {
  ScriptedEngine script;
  script.fails_at_once = true;
  Training run(folder("run"), scripted_config(3, 0), {}, std::make_unique<ScriptedEngine>(script));
  EXPECT_THROW(run.trainer.run(), std::runtime_error);
  EXPECT_FALSE(fs::exists(run.directory.last()));
  EXPECT_FALSE(fs::exists(run.directory.metrics()));
}

TEST_F(TrainerTest, FindsOutBeforeTrainingThatTheFirstLossIsNotFinite) {
  ScriptedEngine script;
  script.losses = {3, 2};
  script.evaluation_losses = {std::numeric_limits<double>::infinity(), 2, 2};
  Training run(folder("run"), scripted_config(2, 0), {}, std::make_unique<ScriptedEngine>(script));
  EXPECT_THAT(error_of(ExitCode::kDiverged, [&] { run.trainer.run(); }),
              testing::AllOf(HasSubstr("training diverged in epoch 0, step 0: evaluation loss inf"),
                             testing::Not(HasSubstr("last finite loss"))));
  EXPECT_FALSE(fs::exists(run.directory.metrics()));
}

// A kill between the two checkpoints of an epoch, and then no better epoch.
TEST_F(TrainerTest, ReportsNoBestCheckpointOfAnotherEpoch) {
  ScriptedEngine script;
  script.losses = {4, 3, 2, 1};
  script.validation_correct = {0, 5, 9, 3, 3};
  Config config = scripted_config(2, 20);
  Training(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script)).trainer.run();
  const std::string ahead = bytes_of(folder("a") / "checkpoints/best.safetensors");
  fs::remove_all(folder("a"));
  config.epochs = 1;
  Training(folder("a"), config, {}, std::make_unique<ScriptedEngine>(script)).trainer.run();
  std::ofstream(folder("a") / "checkpoints/best.safetensors", std::ios::binary) << ahead;
  std::vector<std::string> warnings;
  Observer observer;
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  Training resumed(folder("a"), config, observer, std::make_unique<ScriptedEngine>(script));
  EXPECT_EQ(resumed.go_on(), Outcome::kFinished);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("of another epoch; the best weights, those of epoch "
                                              "1, are lost")));
  EXPECT_EQ(reported_checkpoint(config, resumed.trainer.saved()), "checkpoints/last.safetensors");
}

// The tests run as root, whom permissions do not stop; a folder where the file is to be written
// does. It lies there from `first` to before `last` epoch.
Observer obstruct(const fs::path& file, std::int64_t first, std::int64_t last,
                  std::vector<std::string>& warnings) {
  fs::path obstacle = file;
  obstacle += ".tmp";
  Observer observer;
  observer.epoch = [=](const EpochReport& report) {
    if (report.row.epoch + 1 == first) fs::create_directories(obstacle);
    if (report.row.epoch + 1 == last) fs::remove(obstacle);
  };
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  return observer;
}

TEST_F(TrainerTest, GoesOnWhenACheckpointCannotBeWrittenAndFailsInTheEnd) {
  std::vector<std::string> warnings;
  const fs::path last = folder("a") / "checkpoints/last.safetensors";
  Training run(folder("a"), small_config(), obstruct(last, 2, 9, warnings));
  const std::string text = error_of(ExitCode::kInternal, [&] { run.trainer.run(); });
  EXPECT_EQ(text, "cannot write " + last.string() + ": Is a directory");
  EXPECT_THAT(warnings, ElementsAre(text + "; training goes on")) << "not after the last epoch";
  EXPECT_EQ(run.trainer.rows().back().epoch, 3);
  EXPECT_EQ(epoch_of(last), 1) << "the last one that could be written";
}

TEST_F(TrainerTest, MakesUpForACheckpointThatCouldNotBeWritten) {
  Training unbroken(folder("whole"), small_config());
  unbroken.trainer.run();
  for (const char* name : {"checkpoints/last.safetensors", "metrics.csv"}) {
    const fs::path path = folder(fs::path(name).stem());
    std::vector<std::string> warnings;
    Training run(path, small_config(), obstruct(path / name, 2, 3, warnings));
    EXPECT_EQ(run.trainer.run(), Outcome::kFinished);
    EXPECT_EQ(warnings.size(), 1u);
    EXPECT_EQ(run.last(), unbroken.last());
    EXPECT_EQ(timeless(run.metrics()), timeless(unbroken.metrics()));
  }
}

TEST_F(TrainerTest, DoesNotBeginWithoutACheckpoint) {
  fs::create_directories(folder("a") / "checkpoints/last.safetensors.tmp");
  std::vector<MetricsRow> rows;
  std::vector<std::string> warnings;
  Observer observer;
  observer.epoch = [&](const EpochReport& report) { rows.push_back(report.row); };
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  Training run(folder("a"), small_config(), observer);
  EXPECT_THAT(error_of(ExitCode::kInternal, [&] { run.trainer.run(); }),
              HasSubstr("cannot write " + run.directory.last().string()));
  EXPECT_THAT(rows, IsEmpty());
  EXPECT_THAT(warnings, IsEmpty());
}

}  // namespace
}  // namespace snn
