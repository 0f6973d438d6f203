#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace snn {

/// "study.yaml line 7"; yaml-cpp counts lines from 0 and knows none for what is not written.
std::string place(const std::string& file, const YAML::Mark& mark);

/// What a message says of a node that is not what was expected: "a list", "'abc'".
std::string describe(const YAML::Node& node);

/// The one document in the bytes of a file, or nothing if it is empty. Throws Error(kUsage) for a
/// second document and for one with more values, or more deeply nested, than a person writes;
/// YAML::Exception for what is no YAML. The text is decoded by decode_text().
std::optional<YAML::Node> load_document(std::string_view bytes, const std::string& file);

using Entries = std::vector<std::pair<YAML::Node, YAML::Node>>;

/// The entries of a map, as `<<: *base` and `<<: [*a, *b]` complete them: the map's own keys win,
/// then the first of the list. Keys that are there twice remain. Throws Error(kUsage).
Entries entries_of(const YAML::Node& map);

/// Whether a node of load_document() is merged into a map somewhere: its own key needs to mean
/// nothing.
bool is_merged(const YAML::Node& node);

}  // namespace snn
