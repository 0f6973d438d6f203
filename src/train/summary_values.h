#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "snn/train/outcome.h"
#include "text/json.h"

namespace snn {

/// What a summary.json has under `key`, or under the metric's key in version 0.1; null where it has
/// nothing, or where `summary` is not an object.
Json summary_value(const Json& summary, std::string_view key);

/// The same if it is a number.
std::optional<double> summary_number(const Json& summary, std::string_view key);

/// How the run ended; none if the summary does not say it.
std::optional<Outcome> summary_outcome(const Json& summary);

/// The number of neurons of each layer; empty if it is not known.
std::vector<double> summary_neurons(const Json& summary);

}  // namespace snn
