#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace snn {

/// The user-visible names of an enumeration's values, in the order of the values. Specialised next
/// to each enumeration: `static constexpr std::pair<E, std::string_view> table[]`.
template <class E>
struct Names;

/// The name of `value`.
template <class E>
constexpr std::string_view name_of(E value) {
  for (const auto& [known, name] : Names<E>::table) {
    if (known == value) return name;
  }
  return "?";
}

/// The value named `name`, if any.
template <class E>
constexpr std::optional<E> from_name(std::string_view name) {
  for (const auto& [value, known] : Names<E>::table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

/// Every name of the enumeration.
template <class E>
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const auto& entry : Names<E>::table) names.emplace_back(entry.second);
  return names;
}

}  // namespace snn
