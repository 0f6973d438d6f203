#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
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
  std::string value;       ///< what a value looks like, then its range: "REAL,... in [0, 1]"
  std::string help;        ///< one sentence, with the unit where there is one
  bool is_number = false;  ///< or a list of numbers
  bool is_switch = false;  ///< true or false; the flag may stand without a value
  bool is_list = false;    ///< comma-separated; in YAML a sequence too
  bool is_json = false;    ///< JSON; in YAML sequences and maps
  std::vector<std::string> choices;  ///< names to pick from, for completion and typing errors
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

/// The option of that name, or null. Spelling does not count (batch_size, batchSize), and what
/// other programs call it is taken for it (learning-rate for lr).
const Option* find_option(std::string_view name);

/// The origin of options that a checkpoint states. It states all of them, so they count as given by
/// nobody where two options exclude each other.
inline constexpr std::string_view kCheckpointOrigin = "checkpoint";

/// A configuration on its way from defaults, checkpoint, YAML and flags: later ones win.
struct Settings {
  Config config;
  /// Where each option that is not default came from: "--beta", "study.yaml line 7", "checkpoint".
  std::map<std::string, std::string, std::less<>> origin;
  /// Everything found wrong so far, to be shown in one message.
  std::vector<std::string> problems;

  bool is_set(std::string_view name) const { return origin.find(name) != origin.end(); }
};

/// Reads YAML (one map of option names to values) over `settings`. `file` is how to call it in
/// messages. Unknown keys (with the nearest known one), duplicate keys, wrong types and values out
/// of range become problems that name key and line.
void apply_yaml(std::string_view text, const std::string& file, Settings& settings);

/// Sets one option over `settings`; what is wrong becomes a problem that names `origin`.
void apply_option(const Option& option, std::string_view text, const std::string& origin,
                  Settings& settings);

/// Checks what concerns several options at once (per-layer lists against the number of layers,
/// `layers` beside `hidden`), as problems.
void check_together(Settings& settings);

/// Throws Error(kUsage) with all problems, one a line, if there are any.
void throw_if_wrong(const Settings& settings);

/// YAML with every option under the heading of its group; apply_yaml() reads it back exactly.
std::string to_yaml(const Config& config);

/// The result options as one line of JSON, {"name": "text", …}, for a checkpoint; and back. Throws
/// Error(kCheckpoint) for options that are missing (and have no legacy value), unknown or invalid.
std::string result_options_to_json(const Config& config);
Config config_from_json(std::string_view json, std::span<const Option> table = options());

}  // namespace snn
