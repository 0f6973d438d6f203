#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "snn/train/option.h"
#include "snn/train/settings.h"
#include "train/yaml_document.h"

namespace snn {

/// The text of an option's value in the form of a flag. Throws Error(kUsage).
std::string text_of(const Option& option, const YAML::Node& node);

/// Reads the single document, if any, in the bytes of a file with `read`. Invalid YAML and an Error
/// thrown by `read` become problems.
void read_yaml(std::string_view text, const std::string& file, std::vector<std::string>& problems,
               const std::function<void(const YAML::Node&)>& read);

/// Receives an entry of a map: its key, its value and its place ("study.yaml line 7").
using EntryReader =
    std::function<void(const std::string&, const YAML::Node&, const std::string& origin)>;

/// Reads each entry of `map` with `read`. A node that is not a map, duplicate keys and Errors
/// thrown by `read` become problems that name the line. Messages call a key a `what`.
void for_each_entry(const YAML::Node& map, const std::string& file, const std::string& what,
                    std::vector<std::string>& problems, const EntryReader& read);

/// apply_yaml() for a map within a document.
void apply_yaml_map(const YAML::Node& map, const std::string& file, Settings& settings);

}  // namespace snn
