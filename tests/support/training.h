#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "snn/engine/engine.h"
#include "snn/train/config.h"
#include "snn/train/engine_options.h"
#include "snn/train/metrics.h"
#include "snn/train/option.h"
#include "snn/train/training_run.h"
#include "support/temporary_directory.h"

namespace snn {

namespace fs = std::filesystem;

inline constexpr std::int64_t kBatches = 3;  // per epoch of small_config()

/// A configuration with three batches per epoch, the last one smaller. The learning rate changes
/// with every step, and all parameters of three layers are learned.
inline Config small_config() {
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
  set_option(config, "learn-beta", "true");
  config.engine = EngineKind::kReference;
  config.threads = 1;
  return config;
}

inline std::unique_ptr<Engine> engine_of(const Config& config, const NetworkSpec& network) {
  return make_engine(config.engine,
                     engine_options(config, network, "cpu", static_cast<int>(config.threads)));
}

inline std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The rows without the columns that depend on time.
inline std::vector<MetricsRow> timeless(std::vector<MetricsRow> rows) {
  for (MetricsRow& row : rows) {
    row.seconds.reset();
    row.samples_per_second.reset();
  }
  return rows;
}

/// A training run in a folder, with everything that a trainer refers to.
class RunInFolder {
 public:
  RunInFolder(const fs::path& folder, const Config& config, Observer observer = {},
              std::unique_ptr<Engine> other_engine = nullptr)
      : data(load_training_data(config)),
        network(network_spec(config, data.train.shape, data.train.classes)),
        engine(other_engine ? std::move(other_engine) : engine_of(config, network)),
        directory(fs::exists(folder)
                      ? RunDirectory::open(folder)
                      : RunDirectory::create(folder.parent_path(), folder.filename(), "")),
        training(*engine, data, config, network, directory, std::move(observer)) {}

  // Resumes the last checkpoint in the folder.
  Outcome go_on() {
    training.resume(load_checkpoint(directory.last()));
    return training.run();
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
  TrainingRun training;
};

/// Requests a stop at query number `count`, counted from 0.
inline Observer stop_at(int count) {
  Observer observer;
  observer.stop_requested = [count]() mutable { return count-- <= 0; };
  return observer;
}

/// Does not train, and returns the results scripted by the test.
class ScriptedEngine : public Engine {
 public:
  std::vector<double> losses = {};  // per step
  double gradient_norm = 1;
  std::vector<std::int64_t> validation_correct = {};  // per epoch, from 0 on
  std::vector<std::int64_t> test_correct = {};
  std::vector<double> evaluation_losses = {};  // per epoch, from 0 on
  std::vector<float> weights = {};             // a single weight, per epoch, from 0 on
  bool fails_at_once = false;
  int times_asked = 0;  // for results

  std::string name() const override { return "scripted"; }
  void prepare(const Batch& batch, PreparedBatch& prepared) const override {
    auto content = std::make_unique<Size>();
    content->samples = batch.size();
    prepared.content = std::move(content);
  }
  void train_batch(PreparedBatch& batch, double, const SideWork& meanwhile) override {
    for (std::int64_t i = 0; i < meanwhile.count; ++i) meanwhile.work(i);
    step(static_cast<const Size&>(*batch.content).samples);
  }
  void train_batch(const Batch& batch, double) override { step(batch.size()); }
  std::vector<BatchResult> take_results() override {
    ++times_asked;
    return std::exchange(results_, {});
  }
  Evaluation evaluate(const Batch& batch, const SideWork& meanwhile) override {
    for (std::int64_t i = 0; i < meanwhile.count; ++i) meanwhile.work(i);
    if (fails_at_once) throw std::runtime_error("no answer");
    // The test set is the larger of the two.
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
  void import_parameters(const HostTensors&) override {}

 private:
  struct Size : PreparedBatch::Content {
    std::int64_t samples = 0;
  };

  void step(std::int64_t samples) {
    results_.push_back({losses.at(step_++), 0, samples, gradient_norm});
  }

  std::vector<BatchResult> results_;
  std::size_t step_ = 0;
};

/// A configuration with one batch per epoch.
inline Config scripted_config(std::int64_t epochs, std::int64_t validation) {
  Config config = small_config();
  config.lr_schedule = {};
  config.validation = validation;
  config.batch_size = 100;
  config.epochs = epochs;
  return config;
}

inline std::int64_t epoch_of(const fs::path& checkpoint) {
  return load_checkpoint(checkpoint).progress.epoch;
}

class TrainingRunTest : public testing::Test {
 protected:
  fs::path folder(const std::string& name) const { return temporary_.path() / name; }

  TemporaryDirectory temporary_;
};

}  // namespace snn
