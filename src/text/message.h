#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// How a message shows what it found: 'abc', shortened if it is long; `nothing` for an empty text.
std::string quote(std::string_view text);

/// Whether a line break or another control character is in `text`, and `text` with `?` for each.
bool has_control_character(std::string_view text);
std::string printable(std::string_view text);

/// `a, b or c`.
std::string one_of(const std::vector<std::string>& names);

/// ` (did you mean 'beta'?)`, or nothing where no candidate is near. The case of letters does not
/// count. `prefix` goes before the name.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view prefix = "");

/// `text` without spaces at both ends.
std::string_view trimmed(std::string_view text);

/// `0.8 s`, `42 s`, `3 min 07 s`, `2 h 05 min`.
std::string format_duration(double seconds);
/// `12,345`.
std::string format_count(std::int64_t count);
/// `96.31 %` of a share of 1.
std::string format_percent(double share);
/// The same, or `dash` for an unknown share.
std::string percent_or_dash(const std::optional<double>& share, std::string_view dash = "-");
/// A number with so many decimals: `0.56`.
std::string format_fixed(double value, int decimals);

/// With A to Z as a to z.
std::string lower_case(std::string_view text);

/// Names are kebab-case; people who come from Python write them with underscores.
std::string kebab_case(std::string_view name);

}  // namespace snn
