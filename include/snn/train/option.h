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

/// What an option may change: the numbers that come out (kept in checkpoints, fixed on resuming),
/// or only where, how fast and how loudly they are computed.
enum class Scope { kResult, kRun };

/// One setting of a training run. Flags, YAML keys, help, --print-config, the README's table, shell
/// completion and the configuration in a checkpoint are all made from these.
struct Option {
  std::string name;        ///< kebab-case: the flag without dashes, and the YAML key
  char short_name = '\0';  ///< 'T' for -T; '\0' for none
  Group group = Group::kRun;
  Scope scope = Scope::kRun;
  std::string value;        ///< what a value looks like, then its range: "REAL,... in [0, 1]"
  std::string help;         ///< one sentence, with the unit where there is one
  bool is_number = false;   ///< or a list of numbers
  bool is_integer = false;  ///< or a list of them
  bool is_switch = false;   ///< true or false; the flag may stand without a value
  bool is_list = false;     ///< comma-separated; in YAML a sequence too
  bool is_json = false;     ///< JSON; in YAML sequences and maps
  std::vector<std::string> choices;  ///< names to pick from, for completion and typing errors
  /// Whether it takes one value for all layers or one for each, the output layer included.
  bool is_per_layer = false;
  /// Whether `layers`, the whole network, says what it would.
  bool is_stated_by_layers = false;
  std::vector<NeuronKind> neurons = {};  ///< whose option it is; empty: any network's
  bool shapes_membrane = false;          ///< see Field
  /// Whether a sweep may give it several values: they change what a run learns, or how fast.
  bool is_sweepable = false;
  std::ptrdiff_t member = -1;  ///< where its member is in Config; see option_of()
  /// The value that a checkpoint older than the option stands for; an option of format 1 has none.
  std::string legacy = {};

  /// Sets the option from text, the same for flag, YAML and checkpoint. Returns what is wrong with
  /// the text ("expected a number in [0, 1], found 'abc'"), or nothing.
  std::function<std::string(Config&, std::string_view)> parse;
  /// The canonical text of the option's value: parse() reads it back exactly.
  std::function<std::string(const Config&)> format;
};

/// The table, in the order in which people read it.
std::span<const Option> options();

/// The option that is kept in a member of Config, e.g. `option_of(&Config::seed)`.
template <class T>
const Option& option_of(T Config::*member);

/// The option of that name, or null. Spelling does not count (batch_size, batchSize), and what
/// other programs call it is taken for it (learning-rate for lr).
const Option* find_option(std::string_view name);

/// Sets an option by its name; throws Error(kUsage). `set_option(config, "beta", "0.9,0.8")`.
void set_option(Config& config, std::string_view name, std::string_view text);
/// The canonical text of an option's value. Throws Error(kUsage) for a name that is none.
std::string option_text(const Config& config, std::string_view name);

/// The place of a member in Config, by which option_of() knows it.
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
