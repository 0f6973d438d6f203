#pragma once

#include <span>
#include <string>
#include <string_view>

#include "snn/train/option.h"

namespace snn {

/// YAML with every option, grouped under headings; apply_yaml() reads it back exactly.
std::string to_yaml(const Config& config);

/// The same for the defaults, with the meaning of each option in a comment: configs/default.yaml.
std::string default_yaml();

/// Conversion of the result options to one line of JSON, {"name": "text", …}, for a checkpoint, and
/// back. Throws Error(kCheckpoint) for options that are missing (and have no legacy value), unknown
/// or invalid.
std::string result_options_to_json(const Config& config);
Config config_from_json(std::string_view json, std::span<const Option> table = options());

}  // namespace snn
