#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace snn {

/// "study.yaml line 7"; yaml-cpp counts lines from 0 and has none for nodes that are not in the
/// text.
std::string place(const std::string& file, const YAML::Mark& mark);

/// What a node is, for messages about an unexpected one: "a list", "'abc'".
std::string node_text(const YAML::Node& node);

/// The single document in the bytes of a file, or nothing if the file is empty. Throws
/// Error(kUsage) for a second document and for more values or deeper nesting than any hand-written
/// file has; YAML::Exception for invalid YAML. decode_text() decodes the text.
std::optional<YAML::Node> load_document(std::string_view bytes, const std::string& file);

using Entries = std::vector<std::pair<YAML::Node, YAML::Node>>;

/// The entries of a map, as `<<: *base` and `<<: [*a, *b]` complete them: the map's own keys win,
/// then the first of the list. Duplicate keys are kept. Throws Error(kUsage).
Entries entries_of(const YAML::Node& map);

/// True if a node of load_document() is merged into a map somewhere; its own key may then be
/// unknown.
bool is_merged(const YAML::Node& node);

}  // namespace snn
