#pragma once

#include <cstdint>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/engine/engine.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"

namespace snn {

/// The samples of a run, as indices into its data sets.
struct TrainingData {
  Dataset train;
  Dataset test;
  std::vector<std::uint32_t> train_indices;
  std::vector<std::uint32_t>
      validation_indices;  ///< validation set: the last samples of the training set
  std::vector<std::uint32_t> test_indices;
};

/// Loads the data set of `config` and splits it. Throws Error(kData), or Error(kUsage) when
/// `validation` leaves nothing to train on.
TrainingData load_training_data(const Config& config);

/// Restores `engine` to `checkpoint`. Throws Error(kData) if that was trained on data other than
/// `data`, and Error(kCheckpoint) if it does not match.
void restore(Engine& engine, const Checkpoint& checkpoint, const TrainingData& data);

}  // namespace snn
