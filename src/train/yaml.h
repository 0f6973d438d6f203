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

/// The text of an option's value as a flag would have it. Throws Error(kUsage).
std::string text_of(const Option& option, const YAML::Node& node);

/// Reads the one document in the bytes of a file, if there is any, with `read`. What is no YAML,
/// and an Error that `read` throws, becomes a problem.
void read_yaml(std::string_view text, const std::string& file, std::vector<std::string>& problems,
               const std::function<void(const YAML::Node&)>& read);

/// Takes an entry of a map: its key, its value, and where it stands ("study.yaml line 7").
using EntryReader =
    std::function<void(const std::string&, const YAML::Node&, const std::string& origin)>;

/// Reads each entry of `map` with `read`. What is no map, keys that are there twice and an Error
/// that `read` throws become problems that name the line. A key is the name of a `what`.
void for_each_entry(const YAML::Node& map, const std::string& file, const std::string& what,
                    std::vector<std::string>& problems, const EntryReader& read);

/// apply_yaml() for a map within a document.
void apply_yaml_map(const YAML::Node& map, const std::string& file, Settings& settings);

}  // namespace snn
