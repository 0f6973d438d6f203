#include "text/message.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "snn/text/text.h"

namespace snn {

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.empty()) return "nothing";
  std::string shown(text.substr(0, kLongest));
  if (text.size() > kLongest) shown += "...";
  return "'" + shown + "'";
}

namespace {

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7F; }

}  // namespace

bool has_control_character(std::string_view text) { return std::ranges::any_of(text, is_control); }

std::string printable(std::string_view text) {
  std::string shown(text);
  std::ranges::replace_if(shown, is_control, '?');
  return shown;
}

std::string one_of(const std::vector<std::string>& names) {
  if (names.size() < 2) return join(names, "");
  const std::vector<std::string> all_but_last(names.begin(), names.end() - 1);
  return join(all_but_last, ", ") + " or " + names.back();
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view prefix) {
  const std::string meant = nearest(lower_case(word), candidates);
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

std::string format_fixed(double value, int decimals) {
  std::array<char, 400> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

std::string format_duration(double seconds) {
  if (seconds < 10) return format_fixed(seconds, 1) + " s";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  const auto two_digits = [](std::int64_t value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two_digits(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + two_digits(whole % 3600 / 60) + " min";
}

std::string format_count(std::int64_t count) {
  std::string text = std::to_string(count);
  for (int at = static_cast<int>(text.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

std::string format_percent(double share) { return format_fixed(100 * share, 2) + " %"; }

std::string percent_or_dash(const std::optional<double>& share, std::string_view dash) {
  return share ? format_percent(*share) : std::string(dash);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

std::string kebab_case(std::string_view name) {
  std::string kebab(name);
  std::replace(kebab.begin(), kebab.end(), '_', '-');
  return kebab;
}

}  // namespace snn
