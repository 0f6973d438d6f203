#include "snn/text/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace snn {
namespace {

// The smallest number of insertions, deletions, replacements and swaps of neighbours that turn `a`
// into `b` (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
    before_last = last;
    last = current;
  }
  return last.back();
}

// from_chars does not accept a plus sign.
std::string_view without_plus(std::string_view text) {
  const bool has_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  return has_plus ? text.substr(1) : text;
}

template <class Real>
std::string shortest(Real value) {
  if (std::isnan(value)) return "nan";  // its sign is meaningless
  std::array<char, 64> buffer;
  // to_chars alone prefers 5e-04 to 0.0005.
  const double size = std::abs(static_cast<double>(value));
  const bool is_plain = size == 0 || (size >= 1e-5 && size < 1e16);
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  return std::string(buffer.data(), end);
}

}  // namespace

std::string format_real(double value) { return shortest(value); }

std::string format_single(float value) { return shortest(value); }

bool parse_real(std::string_view text, double& value) {
  text = without_plus(text);
  double parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(parsed)) {
    return false;
  }
  value = parsed;
  return true;
}

bool parse_integer(std::string_view text, long long& value) {
  text = without_plus(text);
  long long parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  value = parsed;
  return true;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (true) {
    const std::size_t end = text.find(separator);
    pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::string with_underscores(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  // Up to a third of the letters may be wrong, but not all of a short word.
  std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  std::string best;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    const bool shares_letters = distance < std::max(word.size(), candidate.size());
    if (shares_letters && (distance < limit || (distance == limit && best.empty()))) {
      limit = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace snn
