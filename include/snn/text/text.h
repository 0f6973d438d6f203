#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// The shortest text that reads back as exactly `value`: 0.95, 0.0005, 25.
std::string format_real(double value);

/// The same for single precision: 0.95 and not 0.949999988079071.
std::string format_single(float value);

/// Parses the whole of `text` as a finite decimal number; false if it is not one.
bool parse_real(std::string_view text, double& value);

/// Parses the whole of `text` as a decimal integer; false if it is not one or does not fit.
bool parse_integer(std::string_view text, long long& value);

/// Joins `parts` with `separator`.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Splits `text` at each `separator`; an empty text gives one empty piece.
std::vector<std::string> split(std::string_view text, char separator);

/// A kebab-case name as C++, Python and W&B spell it: reset_delay.
std::string with_underscores(std::string name);

/// The candidate that is the fewest edits (insert, delete, replace, swap neighbours) from `word`;
/// empty if none is close enough.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace snn
