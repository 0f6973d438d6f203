#include "train/option_values.h"

#include <algorithm>
#include <filesystem>

#include "network/neuron_text.h"
#include "snn/network/network_spec.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "system/user_path.h"
#include "text/aliases.h"
#include "text/message.h"

namespace snn {

std::string read_path(std::string_view found, std::string& value) {
  try {
    value = expand_path(found);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string read_resume(std::string_view found, std::string& value) {
  const std::string word = lower_case(found);
  if (word == "true" || word == "false" || word == "none") {
    value = word == "true" ? "auto" : "";
    return "";
  }
  return read_path(found, value);
}

std::string read_device(std::string_view found, std::string& value) {
  const std::string name = lower_case(trimmed(found));
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
  const std::size_t colon = is_number ? 0 : std::min(name.find(':'), name.size());
  const std::string kind =
      is_number ? "cuda" : meant_value("device", name.substr(0, colon), {"auto", "cpu", "cuda"});
  const std::string index = is_number ? name : name.substr(std::min(colon + 1, name.size()));
  const bool has_index = is_number || colon < name.size();
  long long number = -1;
  const bool is_index = kind == "cuda" && parse_integer(index, number) && number >= 0 &&
                        index == std::to_string(number);
  const bool is_known = kind == "auto" || kind == "cpu" || kind == "cuda";
  if (has_index ? !is_index : !is_known) {
    return "expected auto, cpu, cuda or cuda:N, found " + quote(found);
  }
  value = has_index ? kind + ":" + index : kind;
  return "";
}

std::string read_run_name(std::string_view found, std::string& value) {
  const bool is_file_name = std::filesystem::path(found).filename() == found && found != "." &&
                            found != ".." && !found.starts_with('-');
  // runs/latest is the link to the newest run.
  if (!is_file_name || found == "latest") {
    return "expected a plain file name other than 'latest', found " + quote(found);
  }
  value = found;
  return "";
}

std::vector<std::string> log_levels() {
  return {"trace", "debug", "info", "warning", "error", "off"};
}

std::string read_log_level(std::string_view found, std::string& value) {
  const auto names = log_levels();
  const std::string name = meant_value("log-level", found, names);
  if (std::ranges::find(names, name) == names.end())
    return codec::wrong_name("log-level", found, names);
  value = name;
  return "";
}

codec::Codec<std::string> readout_codec() {
  constexpr const char* kSame = "same";
  std::vector<std::string> choices = all_names<NeuronKind>();
  choices.emplace(choices.begin(), kSame);
  const auto parse = [](std::string_view found, std::string& value) -> std::string {
    const std::string text = lower_case(trimmed(found));
    value.clear();
    if (text.empty() || text == kSame) return "";
    try {
      value = neuron_text(parse_neuron(found));
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  return {"NAME", choices, parse,
          [](const std::string& value) { return value.empty() ? kSame : value; }};
}

codec::Codec<std::string> layers_codec() {
  const auto parse = [](std::string_view found, std::string& value) -> std::string {
    value.clear();
    if (trimmed(found).empty() || trimmed(found) == "[]") return "";
    try {
      const std::vector<LayerSpec> layers = layers_from_json(found);
      value = layers_to_json(layers);
      return range_problem(layers);
    } catch (const Error& error) {
      return error.what();
    }
  };
  return {"JSON", {}, parse, [](const std::string& value) { return value.empty() ? "[]" : value; }};
}

}  // namespace snn
