#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// True for keys of a W&B sweep that concern W&B alone and do not affect training.
bool is_only_of_wandb(std::string_view key);

/// The note on a replacement for W&B's early_terminate, given as `node`.
std::string early_terminate_note(const YAML::Node& node);

/// Our metric that a foreign name stands for: val_acc, test/loss; empty if none.
std::string meant_metric(std::string_view name, const std::vector<std::string>& metrics);

}  // namespace snn
