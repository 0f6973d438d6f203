#include "text/codec.h"

#include "text/boolean.h"
#include "text/json.h"

namespace snn::codec {
namespace {

std::string with_range(std::string_view kind, const Range& range) {
  const std::string bounds = range.text();
  return std::string(kind) + (bounds.empty() ? "" : " ") + bounds;
}

}  // namespace

Codec<double> real(const Range& range) {
  return {with_range("REAL", range),
          {},
          [range](std::string_view text, double& value) { return read_number(text, range, value); },
          format_real};
}

Codec<std::int64_t> integer(const Range& range) {
  const auto parse = [range](std::string_view text, std::int64_t& value) {
    return read_number(text, range, value);
  };
  return {with_range("INT", range), {}, parse, [](std::int64_t value) {
            return std::to_string(value);
          }};
}

Codec<bool> boolean() {
  const auto parse = [](std::string_view text, bool& value) -> std::string {
    const auto parsed = parse_boolean(text);
    if (!parsed) return "expected true or false, found " + quote(text);
    value = *parsed;
    return "";
  };
  return {
      "true|false", {"true", "false"}, parse, [](bool value) { return value ? "true" : "false"; }};
}

std::string wrong_name(std::string_view option, std::string_view text,
                       const std::vector<std::string>& names) {
  return "expected " + one_of(names) + ", found " + quote(text) +
         suggested_value(option, text, names);
}

Codec<std::string> text(std::string kind, std::vector<std::string> choices,
                        std::string (*read)(std::string_view, std::string&)) {
  const auto parse = [read](std::string_view found, std::string& value) -> std::string {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(found.begin(), found.end(), is_control) || !is_utf8(found)) {
      return "expected UTF-8 text without control characters";
    }
    return read(found, value);
  };
  return {std::move(kind), std::move(choices), parse,
          [](const std::string& value) { return value; }};
}

}  // namespace snn::codec
