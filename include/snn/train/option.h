#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/text/names.h"
#include "snn/train/config.h"

namespace snn {

enum class Group { kData, kNetwork, kTraining, kRun };
template <>
struct Names<Group> {
  static constexpr std::pair<Group, std::string_view> table[] = {{Group::kData, "Data"},
                                                                 {Group::kNetwork, "Network"},
                                                                 {Group::kTraining, "Training"},
                                                                 {Group::kRun, "Run"}};
};

/// The effect of an option: on the results (stored in checkpoints, fixed on resuming), or only on
/// the place, speed and output of the computation.
enum class Scope { kResult, kRun };

/// One option of a training run. Flags, YAML keys, help, --print-config, the README's table, shell
/// completion and the configuration in a checkpoint are all generated from these.
struct Option {
  std::string name;        ///< kebab-case: the flag without dashes, and the YAML key
  char short_name = '\0';  ///< 'T' for -T; '\0' for none
  Group group = Group::kRun;
  Scope scope = Scope::kRun;
  std::string value;  ///< format and range of a value: "REAL,... in [0, 1]"
  std::string help;   ///< one sentence, with the unit where there is one
  /// What some neuron models state differently: "lapicque: in (0, 1)"; empty: nothing.
  std::string differences = {};
  bool is_number = false;            ///< a number or a list of numbers
  bool is_integer = false;           ///< an integer or a list of integers
  bool is_switch = false;            ///< true or false; the flag needs no value
  bool is_list = false;              ///< comma-separated; in YAML also a sequence
  bool is_json = false;              ///< JSON; in YAML sequences and maps
  std::vector<std::string> choices;  ///< valid names, for completion and suggestions
  /// True if it takes one value for all layers or one per layer, the output layer included.
  bool is_per_layer = false;
  /// True if `layers`, the full network specification, replaces it.
  bool is_stated_by_layers = false;
  std::vector<NeuronKind> neurons = {};  ///< neuron models that have it; empty: any network
  bool shapes_membrane = false;          ///< see Field
  /// True if a sweep may vary it: it changes the results or the speed of a run.
  bool is_sweepable = false;
  std::ptrdiff_t member = -1;  ///< offset of its member in Config; see option_of()
  /// The value implied by a checkpoint older than the option; options of format 1 have none.
  std::string legacy = {};

  /// Sets the option from text, the same for flag, YAML and checkpoint. Returns the problem
  /// ("expected a number in [0, 1], found 'abc'"), or nothing.
  std::function<std::string(Config&, std::string_view)> parse;
  /// The canonical text of the option's value: parse() reads it back exactly.
  std::function<std::string(const Config&)> format;
};

/// The table of all options, in the order of the help.
std::span<const Option> options();

/// The option stored in a member of Config, e.g. `option_of(&Config::seed)`.
template <class T>
const Option& option_of(T Config::*member);

/// The option of that name, or null. Spelling variants (batch_size, batchSize) and aliases from
/// other programs (learning-rate for lr) are accepted.
const Option* find_option(std::string_view name);

/// Sets an option by its name; throws Error(kUsage). `set_option(config, "beta", "0.9,0.8")`.
void set_option(Config& config, std::string_view name, std::string_view text);
/// The canonical text of an option's value. Throws Error(kUsage) for an unknown name.
std::string option_text(const Config& config, std::string_view name);

/// The offset of a member in Config, which identifies its option in option_of().
template <class T>
std::ptrdiff_t place_of(T Config::*member) {
  static const Config config;
  return reinterpret_cast<const char*>(&(config.*member)) - reinterpret_cast<const char*>(&config);
}
const Option& option_at(std::ptrdiff_t member);

template <class T>
const Option& option_of(T Config::*member) {
  return option_at(place_of(member));
}

}  // namespace snn
