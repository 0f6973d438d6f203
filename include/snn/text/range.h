#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace snn {

/// The numbers that something may be.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool without_low = false;  ///< the end itself is not one of them
  bool without_high = false;
  bool is_float = false;  ///< computed with in 32 bits, which must hold it: neither infinite nor 0

  static Range at_least(double low) { return {.low = low}; }
  static Range above(double low) { return {.low = low, .without_low = true}; }
  static Range between(double low, double high) { return {.low = low, .high = high}; }
  /// The same without both ends.
  static Range inside(double low, double high) {
    return {.low = low, .high = high, .without_low = true, .without_high = true};
  }

  /// The same numbers, but those that 32-bit floats hold.
  Range in_float() const;

  bool contains(double value) const;
  /// What a message expects instead of `value`, "a number" with `kind` for it: `a number > 0`.
  std::string expected_for(double value, std::string_view kind = "a number") const;
  /// `in [0, 1]`, `> 0`, `>= 1`; empty if every number is in it.
  std::string text() const;
};

/// Reads a number in `range`. Returns what is wrong with the text ("expected a number in [0, 1],
/// found 'abc'"), and then leaves `value` as it was.
std::string read_number(std::string_view text, const Range& range, double& value);
std::string read_number(std::string_view text, const Range& range, std::int64_t& value);

}  // namespace snn
