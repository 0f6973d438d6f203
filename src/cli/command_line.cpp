#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "cli/flags.h"
#include "cli/rewrite.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "system/files.h"
#include "system/user_path.h"
#include "text/boolean.h"
#include "text/message.h"

namespace snn::cli {
namespace {

// Lets CLI11 parse the rewritten words.
void parse(const Program& program, const std::vector<Flag>& flags, std::vector<std::string> words,
           CommandLine& line) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::string> values(flags.size());
  for (std::size_t i = 0; i < flags.size(); ++i) {
    app.add_option("--" + flags[i].name, values[i])
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  if (program.is_repeatable) {
    app.add_option("argument", line.positionals);
  } else if (!program.positional.empty()) {
    app.add_option("argument", line.positional);
  }

  std::reverse(words.begin(), words.end());  // the order that CLI11 expects
  app.parse(std::move(words));

  for (const Flag& flag : flags) {
    const CLI::Option* parsed = app.get_option("--" + flag.name);
    if (parsed->count() == 0) continue;
    const std::string& value = parsed->results().back();
    if (flag.option != nullptr) {
      line.options.emplace_back(flag.option, value);
      continue;
    }
    const auto is_on = flag.is_switch ? parse_boolean(value) : true;
    if (!is_on) {
      line.problems.push_back("--" + flag.name + ": expected true or false, found " + quote(value));
    } else if (*is_on) {
      line.actions[flag.name] = parsed->results();
    }
  }
  for (const std::string& word : app.remaining()) {
    if (word != "--") line.problems.push_back(word + ": unexpected argument");
  }
}

// Expands paths as a shell would.
void expand_paths(const std::vector<Flag>& flags, CommandLine& line) {
  const auto expand = [&](const std::string& origin, std::string& path) {
    try {
      path = expand_path(path);
    } catch (const Error& error) {
      line.problems.push_back(origin + error.what());
    }
  };
  expand("", line.positional);
  for (std::string& path : line.positionals) expand("", path);
  for (const Flag& flag : flags) {
    const auto given = line.actions.find(flag.name);
    if (given == line.actions.end()) continue;
    const auto is_for = [&](const char* what) {
      return flag.value.find(what) != std::string::npos;
    };
    if (!is_for("FILE") && !is_for("DIR") && !is_for("PATH")) continue;
    for (std::string& path : given->second) expand("--" + flag.name + ": ", path);
  }
}

// True if the command line asked for output such as --help, which ends the program.
bool print_and_stop(const Program& program, const std::string& version, CommandLine& line) {
  if (line.has("help")) {
    std::cout << help_text(program);
    return true;
  }
  if (line.has("version")) {
    std::cout << version << '\n';
    return true;
  }
  if (!line.has("completion")) return false;
  const std::string shell = line.get("completion");
  if (shell != "bash" && shell != "zsh") {
    line.problems.push_back("--completion: expected bash or zsh, found " + quote(shell));
    return false;
  }
  std::cout << completion_script(program, shell);
  return true;
}

}  // namespace

std::vector<Flag> flags_of(const Program& program) {
  std::vector<Flag> flags;
  for (const Option* option : program.options) {
    flags.push_back({option->name, option->short_name, option->is_switch, option->value,
                     option->choices, option, nullptr});
  }
  const auto add_action = [&](const Action& action) {
    flags.push_back({action.name, action.short_name, action.value.empty(), action.value,
                     action.choices, nullptr, &action});
  };
  for (const Action& action : program.actions) add_action(action);
  static const Action help = {"help", "", "Print this help", {}, 'h'};
  static const Action version = {"version", "", "Print the version"};
  static const Action completion = {
      "completion", "bash|zsh", "Print a completion script", {"bash", "zsh"}};
  for (const Action* action : {&help, &version, &completion}) add_action(*action);
  return flags;
}

std::string CommandLine::get(std::string_view action) const {
  const auto known = actions.find(action);
  return known == actions.end() ? "" : known->second.back();
}

std::vector<std::string> CommandLine::all(std::string_view action) const {
  const auto known = actions.find(action);
  return known == actions.end() ? std::vector<std::string>() : known->second;
}

bool read_command_line(const Program& program, int argc, const char* const* argv,
                       const std::string& version, CommandLine& result) {
  result = {};
  const std::vector<Flag> flags = flags_of(program);
  Rewritten rewritten =
      rewrite(program, flags, std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  result.problems = std::move(rewritten.problems);
  try {
    parse(program, flags, std::move(rewritten.words), result);
  } catch (const CLI::Error& error) {
    result.problems.push_back(error.what());
  }
  expand_paths(flags, result);
  return !print_and_stop(program, version, result);
}

void apply_flags(const CommandLine& line, Settings& settings) {
  settings.problems.insert(settings.problems.end(), line.problems.begin(), line.problems.end());
  for (const auto& [option, text] : line.options) {
    apply_option(*option, text, "--" + option->name, settings);
  }
}

std::string read_text(const std::string& path) {
  const std::string name = path == "-" ? "standard input" : path;
  const auto fail = [&](const std::string& reason) {
    throw Error(ExitCode::kUsage, "cannot read " + quote(name) + ": " + reason);
  };
  std::error_code ignored;
  if (path != "-" && std::filesystem::is_directory(path, ignored)) fail("it is a folder");
  errno = 0;
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  if (!file) fail(std::generic_category().message(errno));
  std::istream& stream = path == "-" ? std::cin : file;
  // The file may be an endless device.
  std::string text;
  std::array<char, 1 << 16> block;
  while (text.size() <= kLargestText && stream.read(block.data(), block.size()).gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (text.size() > kLargestText) {
    fail("expected at most " + std::to_string(kLargestText >> 20) + " MiB of text, found more");
  }
  if (stream.bad()) fail("reading failed");
  return text;
}

}  // namespace snn::cli
