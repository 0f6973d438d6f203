#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/text/error.h"
#include "snn/text/names.h"
#include "snn/text/range.h"
#include "snn/text/text.h"
#include "text/aliases.h"
#include "text/message.h"
#include "text/value_list.h"

namespace snn::codec {

/// The text form of a value of type T.
template <class T>
struct Codec {
  std::string value;  ///< a description of the value, followed by its range
  std::vector<std::string> choices;
  std::function<std::string(std::string_view, T&)> parse;  ///< returns the problem, or nothing
  std::function<std::string(const T&)> format;
};

Codec<double> real(const Range& range);
Codec<std::int64_t> integer(const Range& range);
Codec<bool> boolean();

/// Text that YAML, JSON and a terminal show unchanged. `read` stores it, and returns the problem,
/// or nothing.
Codec<std::string> text(std::string kind, std::vector<std::string> choices,
                        std::string (*read)(std::string_view, std::string&));

/// The error "expected a, b or c, found 'd'", with a suggestion if a value of `option` is similar.
std::string wrong_name(std::string_view option, std::string_view text,
                       const std::vector<std::string>& names);

/// One of the names of E, or an alias of it.
template <class E>
Codec<E> name(std::string option) {
  const auto parse = [option](std::string_view text, E& value) -> std::string {
    const auto known = from_name<E>(meant_value(option, text, all_names<E>()));
    if (!known) return wrong_name(option, text, all_names<E>());
    value = *known;
    return "";
  };
  return {"NAME", all_names<E>(), parse, [](E value) { return std::string(name_of(value)); }};
}

/// A type with a parse() that throws Error and a to_string().
template <class T>
Codec<T> parameterised(T (*parse)(std::string_view), std::vector<std::string> names) {
  const auto parse_or_say = [parse](std::string_view text, T& value) -> std::string {
    try {
      value = parse(text);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  return {"NAME", std::move(names), parse_or_say, [](const T& value) { return to_string(value); }};
}

/// The largest number of values in a list: more layers than anybody trains.
inline constexpr std::int64_t kMostItems = 1000;

// A hint for two invalid values that would be valid as one number.
template <class T>
std::string about_decimal_comma(std::string_view text, const Codec<T>& item, std::size_t pieces) {
  std::string with_point(text);
  std::ranges::replace(with_point, ',', '.');
  T ignored{};
  const bool is_one = pieces == 2 && item.parse(with_point, ignored).empty();
  return is_one ? " (a decimal point is written " + with_point + ")" : "";
}

template <class T>
std::string parse_list(const Codec<T>& item, std::string_view text, std::vector<T>& values) {
  const std::vector<std::string> pieces = split_list(text);
  if (std::ssize(pieces) > kMostItems) {
    return "expected at most " + format_count(kMostItems) + " values, found " +
           format_count(std::ssize(pieces));
  }
  for (const std::string& piece : pieces) {
    T value{};
    std::string problem = item.parse(piece, value);
    if (!problem.empty()) return problem + about_decimal_comma(text, item, pieces.size());
    values.push_back(std::move(value));
  }
  return "";
}

/// A list with commas and at least one value.
template <class T>
Codec<std::vector<T>> list(Codec<T> item) {
  const std::size_t kind_end = std::min(item.value.find(' '), item.value.size());
  const std::string value = std::string(item.value).insert(kind_end, ",...");
  const auto format = [item](const std::vector<T>& values) {
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < values.size(); ++i) pieces.push_back(item.format(values[i]));
    return join(pieces, ",");
  };
  const auto parse = [item](std::string_view text, std::vector<T>& values) -> std::string {
    std::string problem = parse_list(item, text, values);
    if (problem.empty() && values.empty()) return "expected at least one value, found none";
    return problem;
  };
  return {value, item.choices, parse, format};
}

/// A list that may be empty, written as `none`.
template <class T>
Codec<std::vector<T>> list_or_none(Codec<T> item) {
  Codec<std::vector<T>> codec = list(item);
  codec.parse = [item](std::string_view text, std::vector<T>& values) {
    const bool is_none = meant_value("hidden", text, {"none"}) == "none";
    return is_none ? "" : parse_list(item, text, values);
  };
  codec.format = [format = codec.format](const std::vector<T>& values) {
    return values.empty() ? "none" : format(values);
  };
  return codec;
}

}  // namespace snn::codec
