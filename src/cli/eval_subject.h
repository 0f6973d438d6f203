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

/// What snn-eval evaluates, and on what.
struct Subject {
  std::filesystem::path path;
  Checkpoint checkpoint;
  Config config;
  Split split = Split::kTest;
  Dataset dataset;
  bool is_run_data = true;  ///< what the checkpoint was trained with or tested on
  std::vector<std::uint32_t> indices;
  EngineOptions engine_options;
  std::unique_ptr<Engine> engine;
};

}  // namespace snn::cli
