#include "network/neuron_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "network/field_text.h"
#include "snn/text/error.h"
#include "text/aliases.h"
#include "text/message.h"
#include "text/parameters.h"

namespace snn {
namespace {

using Texts = std::vector<std::pair<std::string, std::string>>;  // option and value

std::vector<std::string> option_names(const NeuronSpec& neuron) {
  std::vector<std::string> names;
  const auto add = [&](const Field& field, const auto&) { names.push_back(field.name); };
  std::visit([&](const auto& options) { visit_options(options, add); }, neuron);
  return names;
}

// The pieces between commas outside of brackets.
std::vector<std::string> split_outside_brackets(std::string_view text) {
  std::vector<std::string> pieces(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth == 0) {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

std::string without_brackets(std::string_view text) {
  text = trimmed(text);
  const bool is_in_brackets = text.starts_with('[') && text.ends_with(']');
  return std::string(is_in_brackets ? text.substr(1, text.size() - 2) : text);
}

// The options in `beta=0.9,surrogate=sfs:slope=25,b=1`: what is no option after a value with
// parameters is one of these; in `surrogate=[spike-rate-escape:beta=1]` all are.
Texts split_options(std::string_view text, const std::vector<std::string>& names,
                    const std::string& kind) {
  Texts texts;
  for (const std::string& piece : split_outside_brackets(text)) {
    const std::string item(trimmed(piece));
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string key = kebab_case(trimmed(item.substr(0, equals)));
    const std::string name = meant_option(key, names);
    if (name.empty()) {
      const bool is_parameter = equals < item.size() && !texts.empty() &&
                                texts.back().second.find(':') != std::string::npos;
      if (!is_parameter) {
        throw Error(ExitCode::kUsage,
                    kind + ": unknown option " + quote(key) + suggested_option(key, names));
      }
      texts.back().second += "," + item;
    } else if (std::ranges::find(texts, name, &Texts::value_type::first) != texts.end()) {
      throw Error(ExitCode::kUsage, kind + ": " + name + " is given twice");
    } else {
      texts.emplace_back(name,
                         equals < item.size() ? without_brackets(item.substr(equals + 1)) : "true");
    }
  }
  return texts;
}

}  // namespace

NeuronSpec parse_neuron(std::string_view text, const std::function<NeuronSpec(NeuronKind)>& base) {
  const auto [name, given] = split_name(text);
  NeuronSpec neuron = base(named<NeuronKind>("neuron", "neuron", name));
  const std::string kind(name_of(kind_of(neuron)));
  const Texts texts = given.empty() ? Texts() : split_options(given, option_names(neuron), kind);
  const auto read = [&](const Field& field, auto& value) {
    const auto known = std::ranges::find(texts, field.name, &Texts::value_type::first);
    if (known == texts.end()) return;
    const std::string problem = codec_of(field, value).parse(known->second, value);
    if (!problem.empty()) {
      throw Error(ExitCode::kUsage, kind + ": " + field.name + ": " + problem);
    }
  };
  const auto read_all = [&](auto& options) {
    visit_options(options, read);
    if constexpr (requires { options.problem(); }) {
      if (const std::string problem = options.problem(); !problem.empty()) {
        throw Error(ExitCode::kUsage, kind + ": " + problem);
      }
    }
  };
  std::visit(read_all, neuron);
  return neuron;
}

std::string neuron_text(const NeuronSpec& neuron) {
  const NeuronSpec usual = default_neuron(kind_of(neuron));
  std::vector<std::string> texts;
  const auto texts_of = [](const NeuronSpec& spec) {
    Texts all;
    const auto add = [&](const Field& field, const auto& value) {
      all.emplace_back(field.name, codec_of(field, value).format(value));
    };
    std::visit([&](const auto& options) { visit_options(options, add); }, spec);
    return all;
  };
  const Texts own = texts_of(neuron), others = texts_of(usual);
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i] == others[i]) continue;
    const auto& [name, value] = own[i];
    const bool has_parameters = value.find(':') != std::string::npos;
    texts.push_back(name + "=" + (has_parameters ? "[" + value + "]" : value));
  }
  const std::string kind(name_of(kind_of(neuron)));
  return texts.empty() ? kind : kind + ":" + join(texts, ",");
}

}  // namespace snn
