#include "text/parameters.h"

#include <algorithm>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/aliases.h"
#include "text/boolean.h"
#include "text/message.h"

namespace snn {
namespace {

std::vector<std::string> names_of(const std::vector<Parameter>& parameters) {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters) names.emplace_back(parameter.name);
  return names;
}

// Reads the value of a parameter; returns the problem, or nothing.
std::string read_value(std::string_view text, const Parameter& parameter) {
  if (bool* const* is_on = std::get_if<bool*>(&parameter.value)) {
    const auto known = parse_boolean(text);
    if (!known) return "expected true or false, found " + quote(text);
    **is_on = *known;
    return "";
  }
  if (std::int64_t* const* count = std::get_if<std::int64_t*>(&parameter.value)) {
    return read_number(text, parameter.range, **count);
  }
  double& value = *std::get<double*>(parameter.value);
  if (parameter.choices.empty()) return read_number(text, parameter.range, value);
  const auto chosen = std::ranges::find(parameter.choices, kebab_case(text));
  if (chosen == parameter.choices.end()) {
    return "expected " + one_of(parameter.choices) + ", found " + quote(text) +
           did_you_mean(text, parameter.choices);
  }
  value = static_cast<double>(chosen - parameter.choices.begin());
  return "";
}

std::string value_text(const Parameter& parameter) {
  if (bool* const* is_on = std::get_if<bool*>(&parameter.value)) return **is_on ? "true" : "false";
  if (std::int64_t* const* count = std::get_if<std::int64_t*>(&parameter.value)) {
    return std::to_string(**count);
  }
  const double value = *std::get<double*>(parameter.value);
  if (parameter.choices.empty()) return format_real(value);
  return parameter.choices.at(static_cast<std::size_t>(value));
}

}  // namespace

std::pair<std::string, std::string_view> split_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string name = kebab_case(trimmed(text.substr(0, colon)));
  if (colon == std::string_view::npos) return {name, {}};
  const std::string_view rest = trimmed(text.substr(colon + 1));
  if (rest.empty()) {
    throw Error(ExitCode::kUsage, "expected parameter=value after '" + name + ":'");
  }
  return {name, rest};
}

void read_parameters(std::string_view what, std::string_view text,
                     const std::vector<Parameter>& parameters) {
  const auto fail = [&](const std::string& problem) {
    throw Error(ExitCode::kUsage, std::string(what) + ": " + problem);
  };
  if (text.empty()) return;
  std::vector<std::string> seen;
  for (const std::string& piece : split(text, ',')) {
    const std::size_t equals = piece.find('=');
    if (equals == std::string::npos) fail("expected parameter=value, found " + quote(piece));
    const std::string name(trimmed(piece.substr(0, equals)));
    const auto known = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const Parameter& p) { return p.name == name; });
    if (known == parameters.end()) {
      const std::vector<std::string> names = names_of(parameters);
      fail("unknown parameter '" + name + "'" + did_you_mean(name, names) +
           (names.empty() ? "; it has none" : "; it has " + join(names, ", ")));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) fail(name + " is given twice");
    seen.push_back(name);
    const std::string problem =
        read_value(trimmed(std::string_view(piece).substr(equals + 1)), *known);
    if (!problem.empty()) fail(name + ": " + problem);
  }
}

std::string write_parameters(std::string_view name, const std::vector<Parameter>& parameters) {
  std::vector<std::string> pieces;
  for (const Parameter& parameter : parameters) {
    pieces.push_back(std::string(parameter.name) + "=" + value_text(parameter));
  }
  return std::string(name) + (pieces.empty() ? "" : ":") + join(pieces, ",");
}

std::string unknown_name(std::string_view what, std::string_view option, std::string_view name,
                         const std::vector<std::string>& known) {
  return "expected a " + std::string(what) + " (" + one_of(known) + "), found " + quote(name) +
         suggested_value(option, name, known);
}

}  // namespace snn
