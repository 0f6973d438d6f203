#include "text/json.h"

#include <set>
#include <string>
#include <vector>

#include "snn/text/error.h"
#include "text/message.h"

namespace snn {

Json parse_json(std::string_view text) {
  using Event = Json::parse_event_t;
  std::vector<std::set<std::string>> keys;  // of the open objects
  const auto check = [&](int depth, Event event, const Json& parsed) {
    const bool goes_deeper = event == Event::object_start || event == Event::array_start;
    if (goes_deeper && depth >= kDeepestJson) {
      throw Error(ExitCode::kUsage,
                  "not valid JSON: nested deeper than " + std::to_string(kDeepestJson) + " levels");
    }
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second) {
      throw Error(ExitCode::kUsage, "duplicate key " + quote(parsed.get<std::string>()));
    }
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::parse_error& error) {
    throw Error(ExitCode::kUsage, "not valid JSON at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    throw Error(ExitCode::kUsage, "not valid JSON: a number is too large");
  }
}

std::optional<Json> json_if_valid(std::string_view text) {
  try {
    return parse_json(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::int64_t integer_of(const Json& json) {
  const bool is_too_large = json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX;
  if (!json.is_number_integer() || is_too_large) {
    throw Error(ExitCode::kUsage, "expected an integer, found " + quote(dump_json(json)));
  }
  return json.get<std::int64_t>();
}

std::string dump_json(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

bool is_utf8(std::string_view text) {
  try {
    Json(text).dump();
    return true;
  } catch (const Json::type_error&) {
    return false;
  }
}

}  // namespace snn
