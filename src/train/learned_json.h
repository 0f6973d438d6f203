#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "snn/train/learned.h"

namespace snn {

/// By name: {"lif1.beta": 0.93}, or {"lif1.beta": {"mean": …, "min": …, "max": …}} where neurons
/// have their own.
nlohmann::ordered_json to_json(const std::vector<LearnedParameter>& learned);

}  // namespace snn
