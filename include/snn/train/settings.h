#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "snn/train/option.h"

namespace snn {

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

  bool is_set(const Option& option) const { return origin.find(option.name) != origin.end(); }
  template <class T>
  bool is_set(T Config::*member) const {
    return is_set(option_of(member));
  }
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

}  // namespace snn
