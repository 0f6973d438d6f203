#pragma once

#include <string>

#include "snn/train/trainer.h"

namespace snn::cli {

/// What a run trains on: the set, where it lies, how many samples, and whether they are published
/// files or the user's own.
std::string data_text(const TrainingData& data, DatasetName name);

}  // namespace snn::cli
