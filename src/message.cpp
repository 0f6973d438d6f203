#include "message.h"

#include <algorithm>

#include "snn/text.h"

namespace snn {

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.empty()) return "nothing";
  std::string shown(text.substr(0, kLongest));
  if (text.size() > kLongest) shown += "...";
  return "'" + shown + "'";
}

std::string one_of(const std::vector<std::string>& names) {
  if (names.size() < 2) return join(names, "");
  const std::vector<std::string> all_but_last(names.begin(), names.end() - 1);
  return join(all_but_last, ", ") + " or " + names.back();
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view prefix) {
  const std::string meant = nearest(word, candidates);
  if (meant.empty()) return "";
  const std::string shown = prefix.empty() ? "'" + meant + "'" : std::string(prefix) + meant;
  return " (did you mean " + shown + "?)";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::string kebab_case(std::string_view name) {
  std::string kebab(name);
  std::replace(kebab.begin(), kebab.end(), '_', '-');
  return kebab;
}

}  // namespace snn
