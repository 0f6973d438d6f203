#include "snn/text/range.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "snn/text/text.h"
#include "text/message.h"

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
  const bool is_number = parse(text, parsed);
  if (!is_number || !range.contains(static_cast<double>(parsed))) {
    const double found = is_number ? static_cast<double>(parsed) : 0;
    return "expected " + range.expected_for(found, what) + ", found " + quote(text) +
           about_decimal_comma(text);
  }
  value = parsed;
  return "";
}

// True if a 32-bit float represents the value: it neither overflows nor, unless it is 0,
// underflows.
bool holds_as_float(double value) {
  using Float = std::numeric_limits<float>;
  const double size = std::abs(value);
  return value == 0 ||
         (size >= static_cast<double>(Float::min()) && size <= static_cast<double>(Float::max()));
}

}  // namespace

Range Range::in_float() const {
  Range range = *this;
  range.is_float = true;
  return range;
}

bool Range::contains(double value) const {
  const bool is_between =
      (without_low ? value > low : value >= low) && (without_high ? value < high : value <= high);
  return is_between && (!is_float || holds_as_float(value));
}

std::string Range::expected_for(double value, std::string_view kind) const {
  const std::string bounds = text();
  std::string expected = std::string(kind) + (bounds.empty() ? "" : " ") + bounds;
  const bool is_lost = is_float && !holds_as_float(value);
  if (is_lost) expected += " representable as a 32-bit float (1.2e-38 to 3.4e+38)";
  return expected;
}

std::string Range::text() const {
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  if (has_low && has_high) {
    return (without_low ? "in (" : "in [") + format_real(low) + ", " + format_real(high) +
           (without_high ? ")" : "]");
  }
  if (has_low) return (without_low ? "> " : ">= ") + format_real(low);
  return has_high ? (without_high ? "< " : "<= ") + format_real(high) : "";
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
