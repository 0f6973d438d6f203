#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace snn {

/// JSON whose objects keep their order.
using Json = nlohmann::ordered_json;

/// The deepest accepted nesting of lists and objects, which none of our files reaches. The library
/// copies, compares and prints JSON recursively, and deep nesting would overflow the stack.
inline constexpr int kDeepestJson = 64;

/// Throws Error(kUsage) for invalid JSON, for a duplicate key in an object and for nesting deeper
/// than kDeepestJson.
Json parse_json(std::string_view text);

/// The same for a program's output, where the kind of error does not matter: returns nothing then.
std::optional<Json> json_if_valid(std::string_view text);

/// The integer value of `json`. Throws Error(kUsage) for anything else, also for 1.0.
std::int64_t integer_of(const Json& json);

/// JSON on one line, or indented; invalid UTF-8 in it is replaced.
std::string dump_json(const Json& json, int indent = -1);

/// True if `text` is valid UTF-8, which JSON can contain unchanged.
bool is_utf8(std::string_view text);

}  // namespace snn
