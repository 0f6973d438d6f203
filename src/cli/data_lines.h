#pragma once

#include <string>

#include "snn/train/trainer.h"

namespace snn::cli {

/// Describes the data of a run: data set, folder, number of samples, and published files or the
/// user's own.
std::string data_text(const TrainingData& data, DatasetName name);

}  // namespace snn::cli
