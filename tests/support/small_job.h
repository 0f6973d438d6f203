#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/data/loader.h"
#include "snn/engine/engine.h"

namespace snn {

/// A network for MNIST images with layers of the given widths and learned beta and threshold.
inline EngineOptions small_job(const std::vector<std::int64_t>& widths, std::int64_t steps,
                               int threads) {
  EngineOptions options;
  options.network = {{1, 28, 28}, {}};
  for (const std::int64_t width : widths) {
    options.network.layers.push_back(
        {LinearSpec{width}, LeakyOptions(0.9).learn_beta(true).learn_threshold(true)});
  }
  options.steps = steps;
  options.threads = threads;
  return options;
}

/// `count` of the fixture's 100 training images, starting at `first` and wrapping around.
inline Batch batch_of(std::uint32_t first, std::uint32_t count) {
  static const Dataset dataset = load_dataset(DatasetName::kMnist, Split::kTrain,
                                              std::string(SNN_TEST_DATA_DIR) + "/mnist-200");
  std::vector<std::uint32_t> indices(count);
  for (std::uint32_t i = 0; i < count; ++i) indices[i] = (first + i) % 100;
  const DatasetSource source(dataset);
  Batch batch;
  Loader(source, indices, count).load(0, batch);
  return batch;
}

/// Takes one step of `engine` on `batch` and returns its result.
inline BatchResult train_once(Engine& engine, const Batch& batch, double learning_rate) {
  engine.train_batch(batch, learning_rate);
  return engine.take_results().back();
}

/// Expects that two engines of small_job()s with different numbers of threads train and evaluate to
/// the same bits.
inline void expect_same_bits(Engine& one, Engine& other) {
  for (std::uint32_t step = 0; step < 4; ++step) {
    const Batch batch = batch_of(step * 40, 100);
    const BatchResult a = train_once(one, batch, 0.01), b = train_once(other, batch, 0.01);
    EXPECT_EQ(a.loss, b.loss);
    EXPECT_EQ(a.gradient_norm, b.gradient_norm);
  }
  EXPECT_EQ(one.export_state().tensors, other.export_state().tensors);
  const Batch batch = batch_of(0, 250);
  EXPECT_EQ(one.evaluate(batch).loss_sum, other.evaluate(batch).loss_sum);
  EXPECT_EQ(one.evaluate(batch).spike_counts, other.evaluate(batch).spike_counts);
}

}  // namespace snn
