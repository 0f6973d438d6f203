#pragma once

#include <string>
#include <vector>

#include "snn/train/learned.h"
#include "text/json.h"

namespace snn {

/// The learned parameters by name: {"lif1.beta": 0.93}, or, for per-neuron values, {"lif1.beta":
/// {"mean": …, "min": …, "max": …}}. `neurons` are the names of the neurons of all layers.
Json to_json(const std::vector<LearnedParameter>& learned, const std::vector<std::string>& neurons);

}  // namespace snn
