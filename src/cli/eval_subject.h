#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/engine/engine.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"

namespace snn::cli {

/// The checkpoint that snn-eval evaluates, and the data.
struct Subject {
  std::filesystem::path path;
  Checkpoint checkpoint;
  Config config;
  Split split = Split::kTest;
  Dataset dataset;
  bool is_averaged = false;  ///< the weights of `checkpoint` are now their moving averages
  bool is_run_data = true;   ///< true for the data of the checkpoint's training or test
  std::vector<std::uint32_t> indices;
  EngineOptions engine_options;
  std::unique_ptr<Engine> engine;
};

}  // namespace snn::cli
