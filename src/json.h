#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace snn {

/// JSON whose objects keep their order.
using Json = nlohmann::ordered_json;

/// Throws Error(kUsage) for what is not JSON and for a key that an object has twice.
Json parse_json(std::string_view text);

/// JSON on one line, or indented; what is not UTF-8 in it is replaced.
std::string dump_json(const Json& json, int indent = -1);

/// Whether `text` can stand in JSON as it is.
bool is_utf8(std::string_view text);

}  // namespace snn
