#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace snn {

/// A range of valid numbers.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool without_low = false;  ///< the lower end is excluded
  bool without_high = false;
  bool is_float = false;  ///< computed in 32 bits: must not overflow or underflow there

  static Range at_least(double low) { return {.low = low}; }
  static Range above(double low) { return {.low = low, .without_low = true}; }
  static Range between(double low, double high) { return {.low = low, .high = high}; }
  /// The same range without both ends.
  static Range inside(double low, double high) {
    return {.low = low, .high = high, .without_low = true, .without_high = true};
  }

  /// The same range, restricted to numbers that 32-bit floats hold.
  Range in_float() const;

  bool contains(double value) const;
  /// The expectation in a message about `value`; `kind` names the type: `a number > 0`.
  std::string expected_for(double value, std::string_view kind = "a number") const;
  /// The range as text: `in [0, 1]`, `> 0`, `>= 1`; empty if it contains every number.
  std::string text() const;
};

/// Reads a number in `range`. Returns the problem ("expected a number in [0, 1], found 'abc'") and
/// leaves `value` unchanged then, else an empty text.
std::string read_number(std::string_view text, const Range& range, double& value);
std::string read_number(std::string_view text, const Range& range, std::int64_t& value);

}  // namespace snn
