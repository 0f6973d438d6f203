#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// Keys of a W&B sweep that concern W&B alone: they say nothing of what to train.
bool is_only_of_wandb(std::string_view key);

/// What to do instead of W&B's early_terminate, which is `node`.
std::string early_terminate_note(const YAML::Node& node);

/// The metric of ours that somebody else's name stands for: val_acc, test/loss; empty if none.
std::string meant_metric(std::string_view name, const std::vector<std::string>& metrics);

}  // namespace snn
