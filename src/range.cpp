#include "range.h"

#include <algorithm>
#include <cmath>

#include "message.h"
#include "snn/text.h"

namespace snn {
namespace {

std::string about_decimal_comma(std::string_view text) {
  std::string with_point(text);
  std::ranges::replace(with_point, ',', '.');
  double ignored = 0;
  const bool is_number =
      text.find(',') != std::string_view::npos && parse_real(with_point, ignored);
  return is_number ? " (a decimal point is written " + with_point + ")" : "";
}

template <class T>
std::string read(std::string_view text, const Range& range, bool (*parse)(std::string_view, T&),
                 const char* what, T& value) {
  T parsed = 0;
  if (!parse(text, parsed) || !range.contains(static_cast<double>(parsed))) {
    const std::string bounds = range.text();
    return std::string("expected ") + what + (bounds.empty() ? "" : " ") + bounds + ", found " +
           quote(text) + about_decimal_comma(text);
  }
  value = parsed;
  return "";
}

}  // namespace

bool Range::contains(double value) const {
  return (without_low ? value > low : value >= low) && value <= high;
}

std::string Range::text() const {
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  if (has_low && has_high) {
    return (without_low ? "in (" : "in [") + format_real(low) + ", " + format_real(high) + "]";
  }
  if (has_low) return (without_low ? "> " : ">= ") + format_real(low);
  return has_high ? "<= " + format_real(high) : "";
}

std::string read_number(std::string_view text, const Range& range, double& value) {
  return read(text, range, parse_real, "a number", value);
}

std::string read_number(std::string_view text, const Range& range, std::int64_t& value) {
  long long parsed = 0;
  const std::string problem = read(text, range, parse_integer, "an integer", parsed);
  if (problem.empty()) value = parsed;
  return problem;
}

}  // namespace snn
