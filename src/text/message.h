#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// The form in which a message shows a text: 'abc', shortened if it is long; `nothing` if it is
/// empty.
std::string quote(std::string_view text);

/// True if `text` contains a line break or another control character; and `text` with `?` for each.
bool has_control_character(std::string_view text);
std::string printable(std::string_view text);

/// `a, b or c`.
std::string one_of(const std::vector<std::string>& names);

/// The hint ` (did you mean 'beta'?)`, or nothing if no candidate is near. Case is ignored.
/// `prefix` precedes the name.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view prefix = "");

/// `text` without leading and trailing spaces.
std::string_view trimmed(std::string_view text);

/// `0.8 s`, `42 s`, `3 min 07 s`, `2 h 05 min`.
std::string format_duration(double seconds);
/// `12,345`.
std::string format_count(std::int64_t count);
/// `96.31 %` for a share in [0, 1].
std::string format_percent(double share);
/// The same, or `dash` for an unknown share.
std::string percent_or_dash(const std::optional<double>& share, std::string_view dash = "-");
/// A number with the given number of decimals: `0.56`.
std::string format_fixed(double value, int decimals);

/// Replaces A to Z by a to z.
std::string lower_case(std::string_view text);

/// Replaces underscores by hyphens: names are kebab-case, but Python users write underscores.
std::string kebab_case(std::string_view name);

}  // namespace snn
