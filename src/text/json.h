#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace snn {

/// JSON whose objects keep their order.
using Json = nlohmann::ordered_json;

/// How deep lists and objects may lie in one another. The library copies, compares and prints JSON
/// by recursion, which ends the program where it goes deep enough; nothing of ours does.
inline constexpr int kDeepestJson = 64;

/// Throws Error(kUsage) for what is not JSON, for a key that an object has twice and for what lies
/// deeper than kDeepestJson.
Json parse_json(std::string_view text);

/// The same for what a program wrote, where it does not matter what is wrong: nothing then.
std::optional<Json> json_if_valid(std::string_view text);

/// The integer that `json` is. Throws Error(kUsage) for anything else, also for 1.0.
std::int64_t integer_of(const Json& json);

/// JSON on one line, or indented; what is not UTF-8 in it is replaced.
std::string dump_json(const Json& json, int indent = -1);

/// Whether `text` can stand in JSON as it is.
bool is_utf8(std::string_view text);

}  // namespace snn
