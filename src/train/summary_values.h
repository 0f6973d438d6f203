#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "snn/train/outcome.h"
#include "text/json.h"

namespace snn {

/// The value of `key`, or of the metric's key in version 0.1, in a summary.json; null if missing,
/// or if `summary` is not an object.
Json summary_value(const Json& summary, std::string_view key);

/// The same value if it is a number.
std::optional<double> summary_number(const Json& summary, std::string_view key);

/// The outcome of the run; empty if the summary lacks it.
std::optional<Outcome> summary_outcome(const Json& summary);

/// The number of neurons of each layer; empty if unknown.
std::vector<double> summary_neurons(const Json& summary);

}  // namespace snn
