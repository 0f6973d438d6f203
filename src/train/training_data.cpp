#include "snn/train/training_data.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "snn/data/loader.h"
#include "snn/text/error.h"

namespace snn {
namespace {

std::vector<std::uint32_t> range(std::int64_t begin, std::int64_t end) {
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(end - begin));
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(begin));
  return indices;
}

// At most `limit` samples; 0 means all.
std::int64_t limited(std::int64_t size, std::int64_t limit) {
  return limit > 0 ? std::min(size, limit) : size;
}

// True if the checkpoint's progress is possible for a run over these samples.
void check_position(const Checkpoint& checkpoint, const TrainingData& data) {
  const Progress& progress = checkpoint.progress;
  const auto samples = static_cast<std::int64_t>(data.train_indices.size());
  const std::int64_t size = samples_per_step(checkpoint.config);
  const std::int64_t batches = batch_count(samples, size);
  const bool fits = progress.batch <= batches &&
                    checkpoint.state.step == progress.epoch * batches + progress.batch &&
                    progress.sums.samples == std::min(progress.batch * size, samples);
  if (fits) return;
  throw Error(ExitCode::kCheckpoint,
              "the checkpoint is damaged: its step " + std::to_string(checkpoint.state.step) +
                  " does not match epoch " + std::to_string(progress.epoch) + ", batch " +
                  std::to_string(progress.batch) + " of " + std::to_string(batches));
}

}  // namespace

TrainingData load_training_data(const Config& config) {
  TrainingData data;
  Splits splits = load_splits(config.dataset, config.data_dir);
  data.train = std::move(splits.train);
  data.test = std::move(splits.test);
  const std::int64_t size = data.train.size();
  if (config.validation >= size) {
    throw Error(ExitCode::kUsage, "validation: expected fewer than the " + std::to_string(size) +
                                      " training images, found " +
                                      std::to_string(config.validation));
  }
  const std::int64_t held_out = size - config.validation;
  data.train_indices = range(0, limited(held_out, config.limit_train));
  data.validation_indices = range(held_out, size);
  data.test_indices = range(0, limited(data.test.size(), config.limit_test));
  return data;
}

void restore(Engine& engine, const Checkpoint& checkpoint, const TrainingData& data) {
  if (checkpoint.train_digest != data.train.digest || checkpoint.test_digest != data.test.digest) {
    throw Error(ExitCode::kData, "the checkpoint was trained on different data: expected " +
                                     checkpoint.train_digest + " and " + checkpoint.test_digest +
                                     ", found " + data.train.digest + " and " + data.test.digest +
                                     " in " + data.train.directory.string() +
                                     "; give the folder of its data with --data-dir DIR");
  }
  check_position(checkpoint, data);
  engine.import_state(checkpoint.state);
}

}  // namespace snn
