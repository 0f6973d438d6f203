#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "snn/text/error.h"
#include "snn/text/names.h"
#include "snn/text/range.h"
#include "text/aliases.h"

namespace snn {

/// A parameter of a text `name[:parameter=value[,parameter=value]]`.
struct Parameter {
  std::string_view name;
  std::variant<double*, std::int64_t*, bool*> value;
  Range range = {};
  /// If there are any, the value, a double, is the index of one.
  std::vector<std::string> choices = {};
};

/// Splits such a text at its colon: returns the name in kebab-case, and the rest, empty if there is
/// none.
std::pair<std::string, std::string_view> split_name(std::string_view text);

/// Reads `parameter=value,…`, the text after the colon, into `parameters`; omitted ones keep their
/// values. `what` names the thing in messages: "surrogate 'atan'". Throws Error(kUsage).
void read_parameters(std::string_view what, std::string_view text,
                     const std::vector<Parameter>& parameters);

/// The whole text with every parameter stated.
std::string write_parameters(std::string_view name, const std::vector<Parameter>& parameters);

/// The error for an unknown value of `option`: "expected a surrogate (…), found 'x'".
std::string unknown_name(std::string_view what, std::string_view option, std::string_view name,
                         const std::vector<std::string>& known);

/// The value of `option` called `name`. Throws Error(kUsage).
template <class E>
E named(std::string_view what, std::string_view option, std::string_view name) {
  const auto known = from_name<E>(meant_value(option, name, all_names<E>()));
  if (!known) throw Error(ExitCode::kUsage, unknown_name(what, option, name, all_names<E>()));
  return *known;
}

}  // namespace snn
