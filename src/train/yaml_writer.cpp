#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "text/json.h"
#include "text/value_list.h"
#include "text/wrapped.h"
#include "train/option_table.h"

namespace snn {
namespace {

// True if all versions of YAML read the unquoted `text` as this text.
bool is_plain(const std::string& text) {
  static const std::vector<std::string> reserved = {"y",   "n",    "yes",   "no",  "on",
                                                    "off", "true", "false", "null"};
  const auto is_letter = [](unsigned char c) { return c < 0x80 && std::isalpha(c); };
  const auto is_safe = [&](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || std::string_view("_./-+:=").find(static_cast<char>(c)) !=
                                               std::string_view::npos);
  };
  if (text.empty() || (!is_letter(text[0]) && text[0] != '/') || text.back() == ':') return false;
  if (!std::all_of(text.begin(), text.end(), is_safe)) return false;
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(reserved.begin(), reserved.end(), lower) == reserved.end();
}

std::string yaml_string(const std::string& text) {
  return is_plain(text) ? text : "'" + join(split(text, '\''), "''") + "'";
}

// On one line.
std::string yaml_flow(const Json& json) {
  if (json.is_string()) return yaml_string(json.get<std::string>());
  if (!json.is_structured()) return dump_json(json);
  std::vector<std::string> pieces;
  for (const auto& [key, value] : json.items()) {
    pieces.push_back((json.is_object() ? key + ": " : "") + yaml_flow(value));
  }
  return (json.is_object() ? "{" : "[") + join(pieces, ", ") + (json.is_object() ? "}" : "]");
}

std::string yaml_layers(const std::string& layers) {
  std::string yaml;
  for (const Json& layer : parse_json(layers)) {
    const char* indent = "\n  - ";
    for (const auto& [key, value] : layer.items()) {
      yaml += indent + key + ": " + yaml_flow(value);
      indent = "\n    ";
    }
  }
  return yaml;
}

std::string yaml_value(const Option& option, const Config& config) {
  const std::string text = option.format(config);
  if (option.is_json) return text == "[]" ? " []" : yaml_layers(text);
  const bool needs_no_quotes = option.is_number || option.is_switch;
  std::vector<std::string> items = {text};
  if (option.is_list) items = split_list(text);
  if (!needs_no_quotes) std::transform(items.begin(), items.end(), items.begin(), yaml_string);
  return items.size() == 1 ? " " + items[0] : " [" + join(items, ", ") + "]";
}

// The comment on an option's value; choices are listed with their parameters.
std::string comment_of(const Option& option) {
  std::vector<std::string> choices;
  for (std::size_t i = 0; lists_choices(option) && i < option.choices.size(); ++i) {
    Config config;
    option.parse(config, option.choices[i]);
    choices.push_back(option.format(config));
  }
  return meaning_of(option, choices);
}

// Calls line(option) -> text for each option, under the heading of its group.
template <class Line>
std::string yaml_of_groups(const Line& line) {
  std::string yaml;
  const Option* last = nullptr;
  for (const Option& option : options()) {
    if (last == nullptr || last->group != option.group) {
      if (last != nullptr) yaml += '\n';
      yaml += "# " + std::string(name_of(option.group)) + '\n';
    }
    last = &option;
    yaml += line(option);
  }
  return yaml;
}

}  // namespace

std::string to_yaml(const Config& config) {
  return yaml_of_groups([&](const Option& option) {
    if (is_without_effect(option, config)) return std::string();
    return option.name + ":" + yaml_value(option, config) + '\n';
  });
}

std::string default_yaml() {
  constexpr std::size_t kComment = 36, kWidth = 100;
  const std::string indent = std::string(kComment, ' ') + "# ";
  const std::string head =
      "# Every option of snn-train with its default. `snn-train --config configs/default.yaml` "
      "trains as `snn-train` alone does; a file needs to state only what it changes. A per-layer "
      "option takes one value, or a list with one per layer, the output layer included: "
      "beta: [0.9, 0.95].";
  return wrapped("# " + head.substr(2), 0, kWidth, "# ") + "\n\n" +
         yaml_of_groups([&](const Option& option) {
           // Options of other neurons would be refused, so they are commented out.
           const std::string off = is_without_effect(option, Config()) ? "# " : "";
           std::string line = off + option.name + ":" + yaml_value(option, Config());
           line.resize(std::max(line.size() + 1, kComment), ' ');
           return line + "# " + wrapped(comment_of(option), line.size() + 2, kWidth, indent) + '\n';
         });
}

}  // namespace snn
