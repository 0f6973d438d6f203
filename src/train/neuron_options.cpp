#include "train/neuron_options.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "network/field_text.h"
#include "network/neuron_text.h"
#include "snn/text/error.h"
#include "text/codec.h"

namespace snn {
namespace {

// A neuron option: a field of one or several neuron models, as text.
struct NeuronOption {
  Field field;
  bool is_number = false, is_integer = false, is_switch = false;
  codec::Codec<std::string> item;             // converts a text to its canonical form
  std::map<NeuronKind, std::string> initial;  // default of each neuron model that has it
  // What a neuron model states differently from the first one, and the models that state it so.
  std::vector<std::pair<std::string, std::vector<std::string>>> differences;

  // The default.
  const std::string& default_of(NeuronKind kind) const {
    const auto own = initial.find(kind);
    return own != initial.end() ? own->second : initial.begin()->second;
  }
  bool is_default_of_all(const std::string& text) const {
    return std::ranges::all_of(initial, [&](const auto& each) { return each.second == text; });
  }
};

// `initial` is any value.
template <class T>
codec::Codec<std::string> as_text(const codec::Codec<T>& typed, const T& initial) {
  const auto parse = [typed, initial](std::string_view text, std::string& value) {
    T parsed = initial;
    std::string problem = typed.parse(text, parsed);
    if (problem.empty()) value = typed.format(parsed);
    return problem;
  };
  return {typed.value, typed.choices, parse, [](const std::string& text) { return text; }};
}

template <class T>
NeuronOption& option_of_field(const Field& field, const T& value, std::vector<NeuronOption>& all) {
  const auto known =
      std::ranges::find(all, field.name, [](const NeuronOption& each) { return each.field.name; });
  if (known != all.end()) return *known;
  NeuronOption& added = all.emplace_back();
  added.field = field;
  added.is_switch = std::is_same_v<T, bool>;
  added.is_integer = std::is_same_v<T, std::int64_t>;
  added.is_number = added.is_integer || std::is_same_v<T, PerNeuron> || std::is_same_v<T, double>;
  added.item = as_text(codec_of(field, value), value);
  return added;
}

// Notes what `kind` states differently from the first model with the option.
void note_differences(NeuronOption& option, const std::string& kind, const Field& field,
                      const std::string& initial) {
  std::vector<std::string> notes;
  if (field.help != option.field.help) notes.push_back(field.help);
  const std::string range = field.range.text();
  if (range != option.field.range.text()) notes.push_back(range.empty() ? "any number" : range);
  if (initial != option.initial.begin()->second) notes.push_back("default " + initial);
  if (notes.empty()) return;
  const std::string text = join(notes, ", ");
  const auto known = std::ranges::find(option.differences, text,
                                       [](const auto& difference) { return difference.first; });
  if (known != option.differences.end()) {
    known->second.push_back(kind);
  } else {
    option.differences.push_back({text, {kind}});
  }
}

std::vector<NeuronOption> all_neuron_options() {
  std::vector<NeuronOption> all;
  for (const auto& [kind, name] : Names<NeuronKind>::table) {
    const NeuronSpec neuron = default_neuron(kind);
    const auto add = [&, owner = kind, called = std::string(name)](const Field& field,
                                                                   const auto& value) {
      NeuronOption& option = option_of_field(field, value, all);
      const std::string initial = codec_of(field, value).format(value);
      option.initial.emplace(owner, initial);
      note_differences(option, called, field, initial);
    };
    std::visit([&](const auto& options) { visit_options(options, add); }, neuron);
  }
  return all;
}

// The text of an option in layer `index`, or null if it is default.
const std::string* text_of_layer(const Config& config, const std::string& name, std::size_t index) {
  const auto given = config.neuron_options.find(name);
  if (given == config.neuron_options.end()) return nullptr;
  return &(given->second.size() == 1 ? given->second[0] : given->second.at(index));
}

// " (leaky only)" if not all spiking neurons have the option.
std::string owners_note(const NeuronOption& option) {
  std::vector<std::string> owners;
  std::size_t spiking = 0;
  for (const auto& [kind, name] : Names<NeuronKind>::table) {
    if (has_spikes(default_neuron(kind))) ++spiking;
    if (option.initial.contains(kind)) owners.emplace_back(name);
  }
  return owners.size() < spiking ? " (" + join(owners, ", ") + " only)" : "";
}

// "lapicque: in (0, 1)"
std::string differences_text(const NeuronOption& option) {
  std::vector<std::string> all;
  for (const auto& [text, kinds] : option.differences)
    all.push_back(join(kinds, ", ") + ": " + text);
  return join(all, "; ");
}

}  // namespace

std::vector<Option> neuron_options(Group group, Scope scope) {
  std::vector<Option> table;
  for (const NeuronOption& each : all_neuron_options()) {
    const auto shared = std::make_shared<const NeuronOption>(each);
    const auto list = codec::list(each.item);
    Option& option = table.emplace_back();
    option.name = each.field.name;
    option.group = group;
    option.scope = scope;
    option.value = list.value;
    option.help = each.field.help + owners_note(each);
    option.differences = differences_text(each);
    option.is_number = each.is_number;
    option.is_integer = each.is_integer;
    option.is_switch = each.is_switch;
    option.is_list = true;
    option.choices = list.choices;
    option.is_per_layer = true;
    option.is_stated_by_layers = true;
    option.is_sweepable = scope == Scope::kResult;
    option.shapes_membrane = each.field.shapes_membrane;
    for (const auto& [kind, text] : each.initial) option.neurons.push_back(kind);
    option.legacy = each.initial.begin()->second;
    option.parse = [shared, list](Config& config, std::string_view text) {
      std::vector<std::string> values;
      std::string problem = list.parse(text, values);
      if (!problem.empty()) return problem;
      auto& given = config.neuron_options;
      // What is default for every neuron model is as good as not given.
      if (values.size() == 1 && shared->is_default_of_all(values[0])) {
        given.erase(shared->field.name);
      } else {
        given[shared->field.name] = std::move(values);
      }
      return problem;
    };
    option.format = [shared](const Config& config) {
      const auto given = config.neuron_options.find(shared->field.name);
      return given == config.neuron_options.end() ? shared->default_of(config.neuron)
                                                  : join(given->second, ",");
    };
  }
  return table;
}

// Options that several kinds have are read as the first of them states them.
std::string problem_of_kind(const Option& option, const Config& config) {
  const auto given = config.neuron_options.find(option.name);
  if (given == config.neuron_options.end()) return "";
  std::string problem;
  const auto read = [&](const Field& field, auto& value) {
    if (field.name != option.name) return;
    for (const std::string& text : given->second) {
      if (problem.empty()) problem = codec_of(field, value).parse(text, value);
    }
  };
  NeuronSpec neuron = default_neuron(config.neuron);
  std::visit([&](auto& options) { visit_options(options, read); }, neuron);
  return problem;
}

NeuronSpec neuron_of_layer(const Config& config, std::size_t index) {
  if (!config.readout.empty() && index == config.hidden.size()) return parse_neuron(config.readout);
  NeuronSpec neuron = default_neuron(config.neuron);
  const auto read = [&](const Field& field, auto& value) {
    if (const std::string* text = text_of_layer(config, field.name, index)) {
      const std::string problem = codec_of(field, value).parse(*text, value);
      if (!problem.empty()) throw Error(ExitCode::kUsage, field.name + ": " + problem);
    }
  };
  std::visit([&](auto& options) { visit_options(options, read); }, neuron);
  return neuron;
}

}  // namespace snn
