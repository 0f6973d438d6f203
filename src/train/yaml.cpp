#include "train/yaml.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "snn/train/option.h"
#include "snn/train/settings.h"
#include "text/aliases.h"
#include "text/boolean.h"
#include "text/json.h"
#include "text/message.h"
#include "text/value_list.h"
#include "train/option_table.h"

namespace snn {
namespace {

Error usage(const std::string& problem) { return Error(ExitCode::kUsage, problem); }

// Converts YAML to JSON. Aliases can expand a small text to an endless tree; the limits prevent
// that.
class JsonConverter {
 public:
  Json convert(const YAML::Node& node, int depth = 0) {
    if (depth > kDeepest || --nodes_left_ < 0) throw usage("nested too deeply");
    if (node.IsScalar()) return convert_scalar(node);
    if (node.IsSequence()) {
      Json list = Json::array();
      for (const YAML::Node& item : node) list.push_back(convert(item, depth + 1));
      return list;
    }
    if (!node.IsMap()) return nullptr;
    Json object = Json::object();
    for (const auto& [name, value] : entries_of(node)) {
      if (!name.IsScalar()) throw usage("expected a name, found " + node_text(name));
      const std::string key = name.Scalar();
      if (object.contains(key)) throw usage("duplicate key " + quote(key));
      object[key] = convert(value, depth + 1);
    }
    return object;
  }

 private:
  static constexpr int kDeepest = 8;

  static Json convert_scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    const bool is_quoted = node.Tag() == "!";
    long long integer = 0;
    double real = 0;
    if (is_quoted) return text;
    if (parse_integer(text, integer)) return integer;
    if (parse_real(text, real)) return real;
    if (const auto boolean = parse_boolean(text)) return *boolean;
    return text;
  }

  int nodes_left_ = 1'000'000;
};

std::string with_article(const std::string& noun) {
  const bool has_vowel = std::string_view("aeiou").find(noun[0]) != std::string_view::npos;
  return (has_vowel ? "an " : "a ") + noun;
}

}  // namespace

std::string text_of(const Option& option, const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  if (option.is_json && !node.IsNull()) return dump_json(JsonConverter().convert(node));
  if (!option.is_list || !node.IsSequence()) {
    const char* expected = option.is_list ? "a value or a list of values" : "a value";
    throw usage(std::string("expected ") + expected + ", found " + node_text(node));
  }
  std::vector<std::string> items;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar() || item.Scalar().empty()) {
      throw usage("expected values in the list, found " + node_text(item));
    }
    items.push_back(item.Scalar());
  }
  return "[" + join(items, ", ") + "]";
}

void read_yaml(std::string_view text, const std::string& file, std::vector<std::string>& problems,
               const std::function<void(const YAML::Node&)>& read) {
  try {
    if (const auto document = load_document(text, file)) read(*document);
  } catch (const Error& error) {
    problems.push_back(error.what());
  } catch (const YAML::Exception& error) {
    const std::string column = ", column " + std::to_string(error.mark.column + 1);
    problems.push_back(place(file, error.mark) + (error.mark.is_null() ? "" : column) +
                       ": not valid YAML: " + error.msg);
  }
}

void for_each_entry(const YAML::Node& map, const std::string& file, const std::string& what,
                    std::vector<std::string>& problems, const EntryReader& read) {
  if (!map.IsMap()) {
    problems.push_back(place(file, map.Mark()) + ": expected " + what + ": value, found " +
                       node_text(map));
    return;
  }
  Entries entries;
  try {
    entries = entries_of(map);
  } catch (const Error& error) {
    problems.push_back(place(file, map.Mark()) + ": " + error.what());
    return;
  }
  std::map<std::string, int> first_lines;
  for (const auto& [key, value] : entries) {
    const std::string origin = place(file, key.Mark());
    try {
      if (!key.IsScalar()) {
        throw usage("expected the name of " + with_article(what) + ", found " + node_text(key));
      }
      const auto [first, is_new] =
          first_lines.emplace(option_name(key.Scalar()), key.Mark().line + 1);
      if (!is_new) {
        throw usage("duplicate " + what + " " + quote(key.Scalar()) + " (first on line " +
                    std::to_string(first->second) + ")");
      }
      read(key.Scalar(), value, origin);
    } catch (const Error& error) {
      problems.push_back(origin + ": " + error.what());
    }
  }
}

namespace {

// Headings under which other programs put options.
constexpr const char* kNoSections = "; write options at the top level, not in sections";

// W&B's own entries in the config.yaml of a run.
bool is_of_wandb(const std::string& key) { return key == "wandb_version" || key == "_wandb"; }

// The value in `{desc: null, value: 0.001}`, W&B's format of an option.
YAML::Node unwrapped(const Option& option, const YAML::Node& node) {
  if (!node.IsMap() || option.is_json || !node["value"]) return node;
  const bool is_wrapper = std::ranges::all_of(node, [](const auto& entry) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    return key == "value" || key == "desc";
  });
  return is_wrapper ? node["value"] : node;
}

void apply_entry(const std::string& key, const YAML::Node& node, const std::string& origin,
                 Settings& settings) {
  const Option* option = find_option(key);
  if (option == nullptr) {
    if (is_merged(node) || is_of_wandb(key)) return;
    const std::string hint = suggested_option(key, option_names());
    throw usage("unknown option " + quote(key) +
                (hint.empty() && node.IsMap() ? kNoSections : hint));
  }
  const YAML::Node value = unwrapped(*option, node);
  if (value.IsNull()) return;  // null counts as not given
  std::string text;
  try {
    text = text_of(*option, value);
  } catch (const Error& error) {
    throw usage(option->name + ": " + error.what() + (value.IsMap() ? kNoSections : ""));
  }
  apply_option(*option, text, origin, settings);
}

}  // namespace

void apply_yaml_map(const YAML::Node& map, const std::string& file, Settings& settings) {
  for_each_entry(map, file, "option", settings.problems,
                 [&](const std::string& key, const YAML::Node& value, const std::string& origin) {
                   apply_entry(key, value, origin, settings);
                 });
}

void apply_yaml(std::string_view text, const std::string& file, Settings& settings) {
  read_yaml(text, file, settings.problems,
            [&](const YAML::Node& map) { apply_yaml_map(map, file, settings); });
}

}  // namespace snn
