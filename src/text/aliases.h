#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// The names that other programs use for one of our names. Spelling is ignored: see plain_name().
struct Alias {
  std::string_view option;  ///< our option or flag, or the one whose value it is
  std::string_view value;   ///< our value; empty where the option itself is meant
  std::string_view others;  ///< their names, separated by spaces; each is accepted as ours
};

/// All aliases.
std::span<const Alias> aliases();

/// A name in lower case without hyphens, underscores and spaces, which people write differently:
/// Batch_Size, batchSize and batch-size are the same.
std::string plain_name(std::string_view name);

/// The one of `candidates` (options, flags) that `name` means: in another spelling, or under an
/// alias. Empty if it matches none, or several.
std::string meant_option(std::string_view name, const std::vector<std::string>& candidates);

/// The same for a value of an option; returns the text itself if it matches none.
std::string meant_value(std::string_view option, std::string_view text,
                        const std::vector<std::string>& candidates);

/// The hint ` (did you mean --threads?)` for an unknown name: the candidates of its alias, else the
/// most similar spelling; empty if no candidate is near. `prefix` precedes each name.
std::string suggested_option(std::string_view name, const std::vector<std::string>& candidates,
                             std::string_view prefix = "");

/// The same for a value.
std::string suggested_value(std::string_view option, std::string_view text,
                            const std::vector<std::string>& candidates);

/// A Markdown table of the aliases, as contained in docs/aliases.md.
std::string aliases_as_markdown();

}  // namespace snn
