#include "json.h"

#include <set>
#include <string>
#include <vector>

#include "message.h"
#include "snn/error.h"

namespace snn {

Json parse_json(std::string_view text) {
  using Event = Json::parse_event_t;
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto check_keys = [&](int, Event event, const Json& parsed) {
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second) {
      throw Error(ExitCode::kUsage, "duplicate key " + quote(parsed.get<std::string>()));
    }
    return true;
  };
  try {
    return Json::parse(text, check_keys);
  } catch (const Json::parse_error& error) {
    throw Error(ExitCode::kUsage, "not valid JSON at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    throw Error(ExitCode::kUsage, "not valid JSON: a number is too large");
  }
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
