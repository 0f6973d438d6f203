#pragma once

#include <spdlog/logger.h>

#include "snn/train/trainer.h"

namespace snn::cli {

/// Says what a run trains on: the set, where it lies, how many samples, whether they are published
/// files or the user's own, and what is to be known of those.
void log_data(const TrainingData& data, DatasetName name, spdlog::logger& log);

}  // namespace snn::cli
