#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "snn/train/option.h"

namespace snn {

/// The origin of options read from a checkpoint. A checkpoint has all options, so these do not
/// count as given by the user when two options exclude each other.
inline constexpr std::string_view kCheckpointOrigin = "checkpoint";

/// A configuration under construction from defaults, checkpoint, YAML and flags: later ones
/// override earlier ones.
struct Settings {
  Config config;
  /// The origin of each non-default option: "--beta", "study.yaml line 7", "checkpoint".
  std::map<std::string, std::string, std::less<>> origin;
  /// All problems found so far, to be reported in one message.
  std::vector<std::string> problems;

  bool is_set(const Option& option) const { return origin.find(option.name) != origin.end(); }
  template <class T>
  bool is_set(T Config::*member) const {
    return is_set(option_of(member));
  }
};

/// Applies YAML (one map of option names to values) to `settings`. `file` is its name in messages.
/// Unknown keys (with the nearest known one), duplicate keys, wrong types and values out of range
/// become problems that name key and line.
void apply_yaml(std::string_view text, const std::string& file, Settings& settings);

/// Sets one option of `settings`; an error becomes a problem that names `origin`.
void apply_option(const Option& option, std::string_view text, const std::string& origin,
                  Settings& settings);

/// Checks constraints between options (per-layer lists against the number of layers, `layers`
/// together with `hidden`); violations become problems.
void check_together(Settings& settings);

/// Throws Error(kUsage) with all problems, one per line, if there are any.
void throw_if_wrong(const Settings& settings);

}  // namespace snn
