#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// What other programs call a thing of ours. Spelling does not count: see plain_name().
struct Alias {
  std::string_view option;  ///< our option or flag, or the one whose value it is
  std::string_view value;   ///< our value; empty where the option itself is meant
  std::string_view others;  ///< their names, separated by spaces; each is taken for ours
};

/// All names that are taken for ours.
std::span<const Alias> aliases();

/// A name without what people write differently: small letters only, no hyphens, underscores and
/// spaces. Batch_Size, batchSize and batch-size are one.
std::string plain_name(std::string_view name);

/// The one of `candidates` (options, flags) that `name` means: in another spelling, or as other
/// programs call it. Empty if it means none, or several.
std::string meant_option(std::string_view name, const std::vector<std::string>& candidates);

/// The same for a value of an option; the text itself if it means none.
std::string meant_value(std::string_view option, std::string_view text,
                        const std::vector<std::string>& candidates);

/// ` (did you mean --threads?)` of an unknown name: what other programs' name is nearest to, else
/// what is spelled nearly so; nothing where no candidate is near. `prefix` goes before each name.
std::string suggested_option(std::string_view name, const std::vector<std::string>& candidates,
                             std::string_view prefix = "");

/// The same for a value.
std::string suggested_value(std::string_view option, std::string_view text,
                            const std::vector<std::string>& candidates);

/// A Markdown table of the aliases. That of docs/aliases.md is this.
std::string aliases_as_markdown();

}  // namespace snn
