#pragma once

#include <vector>

#include "snn/train/learned.h"
#include "text/json.h"

namespace snn {

/// By name: {"lif1.beta": 0.93}, or {"lif1.beta": {"mean": …, "min": …, "max": …}} where neurons
/// have their own.
Json to_json(const std::vector<LearnedParameter>& learned);

}  // namespace snn
