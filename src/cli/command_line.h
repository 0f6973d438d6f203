#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "snn/train/option.h"
#include "snn/train/settings.h"

namespace snn::cli {

/// A flag of a single program that is not an option of a run: --print-config, --image.
struct Action {
  std::string name;
  std::string value;  ///< format of its value; empty for a switch
  std::string help;
  std::vector<std::string> choices = {};  ///< for completion
  char short_name = '\0';                 ///< 'j' for -j; '\0' for none
};

/// The command-line interface of a program.
struct Program {
  std::string name;        ///< "snn-train"
  std::string summary;     ///< one sentence
  std::string positional;  ///< name of its argument; empty if it takes none
  std::string positional_help;
  bool is_repeatable = false;  ///< true if the argument may be repeated
  std::vector<const Option*> options;
  std::vector<Action> actions;  ///< --help, --version and --completion are added to all programs
  std::string footer;           ///< examples, exit codes
};

/// The parsed command line, not yet applied.
struct CommandLine {
  std::string positional;
  std::vector<std::string> positionals;  ///< all arguments, if the program takes several
  /// Name -> all its values, in the given order; a switch has "true".
  std::map<std::string, std::vector<std::string>, std::less<>> actions;
  std::vector<std::pair<const Option*, std::string>> options;  ///< in the table's order
  std::vector<std::string> problems;  ///< unknown flags with the nearest known ones, missing values

  bool has(std::string_view action) const { return actions.find(action) != actions.end(); }
  /// The last value of an action, or nothing.
  std::string get(std::string_view action) const;
  /// Every value of an action that may be repeated.
  std::vector<std::string> all(std::string_view action) const;
};

/// Reads the command line with CLI11. Names may have underscores and may be aliases from other
/// programs (aliases.h); paths are expanded (user_path.h). A switch is `--x`, `--x true|false` or
/// `--no-x`; an option given twice keeps its last value. --help prints the help and --version
/// `version` on standard output, --completion bash|zsh a script; these return false: the program is
/// done. Problems are collected, not thrown.
bool read_command_line(const Program& program, int argc, const char* const* argv,
                       const std::string& version, CommandLine& result);

/// Applies the flags over `settings`, problems included.
void apply_flags(const CommandLine& line, Settings& settings);

/// The help text, also the source of the README's tables.
std::string help_text(const Program& program);

/// A completion script for bash or zsh.
std::string completion_script(const Program& program, std::string_view shell);

/// The Markdown table of all options in the README: flag, value, default, meaning.
std::string options_as_markdown();

/// Reads a text file, or standard input for "-". Throws Error(kUsage), also for more than
/// kLargestText bytes.
std::string read_text(const std::string& path);

}  // namespace snn::cli
