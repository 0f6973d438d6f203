#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "cli/flags.h"
#include "message.h"
#include "snn/error.h"
#include "snn/text.h"

namespace snn::cli {
namespace {

// Whether a word after a switch is its value: "false", "true,false", also "true,fasle".
bool is_boolean(std::string_view word) {
  const std::vector<std::string> items = split(word, ',');
  return std::any_of(items.begin(), items.end(),
                     [](const std::string& item) { return item == "true" || item == "false"; });
}

// Whether a word asks for a flag: "-T" and "--beta" do, "-1", "-.5" and "-" do not.
bool looks_like_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' &&
         (word[1] == '-' || std::isalpha(static_cast<unsigned char>(word[1])));
}

// Rewrites the words so that CLI11 has nothing to guess: a flag's value is never taken for a flag
// (--lr -1), a switch never takes the positional argument for its value (--quiet run), an empty
// value stays (--run-name=), and each unknown flag and missing value is reported, not only the
// first.
class Rewriter {
 public:
  Rewriter(const std::vector<Flag>& flags, std::vector<std::string> words)
      : flags_(flags), words_(std::move(words)) {}

  void run() {
    for (; next_ < words_.size() && words_[next_] != "--"; ++next_) {
      if (looks_like_flag(words_[next_])) {
        rewrite_flag(words_[next_]);
      } else {
        rewritten.push_back(words_[next_]);
      }
    }
    rewritten.insert(rewritten.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_),
                     words_.end());
  }

  std::vector<std::string> rewritten;
  std::vector<std::string> problems;

 private:
  void rewrite_flag(const std::string& word) {
    const bool is_long = word.starts_with("--");
    // -T25 is a flag and its value, as --steps=25 is.
    const std::size_t end = is_long ? word.find('=') : 2;
    const std::string spelling = word.substr(0, end);
    const bool has_value = is_long ? end != std::string::npos : word.size() > 2;
    std::string value;
    if (has_value) value = word.substr(is_long || word[2] == '=' ? end + 1 : end);

    if (const Flag* flag = find(spelling)) {
      if (has_value || take_value(*flag, value)) add(*flag, value);
    } else if (const Flag* negated = find_negated(spelling); negated != nullptr) {
      if (has_value) problems.push_back(spelling + ": takes no value");
      add(*negated, "false");
    } else {
      report_unknown(spelling, has_value);
    }
  }

  // Takes the word after a flag if it is the flag's value.
  bool take_value(const Flag& flag, std::string& value) {
    const bool has_next = next_ + 1 < words_.size() && !looks_like_flag(words_[next_ + 1]);
    if (flag.is_switch && !(has_next && is_boolean(words_[next_ + 1]))) {
      value = "true";
      return true;
    }
    if (!has_next) {
      problems.push_back("--" + flag.name + ": expected " + flag.value + ", found nothing");
      return false;
    }
    value = words_[++next_];
    return true;
  }

  void add(const Flag& flag, const std::string& value) {
    // CLI11 takes --name= for a flag whose value is the next word.
    if (value.empty()) {
      rewritten.insert(rewritten.end(), {"--" + flag.name, ""});
    } else {
      rewritten.push_back("--" + flag.name + "=" + value);
    }
  }

  void report_unknown(const std::string& spelling, bool has_value) {
    std::vector<std::string> names;
    for (const Flag& flag : flags_) {
      names.push_back(flag.name);
      if (flag.is_switch) names.push_back("no-" + flag.name);
    }
    const std::string name = spelling.substr(spelling.find_first_not_of('-'));
    problems.push_back(spelling + ": unknown option" + did_you_mean(name, names, "--"));
    // What follows was meant for it, and is no mistake of its own.
    const bool has_next = next_ + 1 < words_.size() && !looks_like_flag(words_[next_ + 1]);
    if (!has_value && has_next) ++next_;
  }

  const Flag* find(std::string_view spelling) const {
    for (const Flag& flag : flags_) {
      if (spelling == "--" + flag.name) return &flag;
      if (spelling.size() == 2 && spelling[1] == flag.short_name) return &flag;
    }
    return nullptr;
  }

  const Flag* find_negated(std::string_view spelling) const {
    constexpr std::string_view kNo = "--no-";
    if (!spelling.starts_with(kNo)) return nullptr;
    const Flag* flag = find("--" + std::string(spelling.substr(kNo.size())));
    return flag != nullptr && flag->is_switch ? flag : nullptr;
  }

  const std::vector<Flag>& flags_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

// Has CLI11 read what the rewriter made of the words.
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

  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  app.parse(std::move(words));

  for (const Flag& flag : flags) {
    const CLI::Option* parsed = app.get_option("--" + flag.name);
    if (parsed->count() == 0) continue;
    const std::string& value = parsed->results().back();
    if (flag.option != nullptr) {
      line.options.emplace_back(flag.option, value);
    } else if (!flag.is_switch || value == "true") {
      line.actions[flag.name] = parsed->results();
    } else if (value != "false") {
      line.problems.push_back("--" + flag.name + ": expected true or false, found " + quote(value));
    }
  }
  for (const std::string& word : app.remaining()) {
    if (word == "--") continue;
    const auto is_named = [&](const Flag& f) { return word.starts_with(f.name + "="); };
    const bool is_flag = std::any_of(flags.begin(), flags.end(), is_named);
    const std::string hint = is_flag ? " (did you mean --" + word + "?)" : "";
    line.problems.push_back(word + ": unexpected argument" + hint);
  }
}

// Whether the command line asked for something that is printed at once.
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
  Rewriter rewriter(flags, std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  rewriter.run();
  result.problems = std::move(rewriter.problems);
  try {
    parse(program, flags, std::move(rewriter.rewritten), result);
  } catch (const CLI::Error& error) {
    result.problems.push_back(error.what());
  }
  return !print_and_stop(program, version, result);
}

void apply_flags(const CommandLine& line, Settings& settings) {
  settings.problems.insert(settings.problems.end(), line.problems.begin(), line.problems.end());
  for (const auto& [option, text] : line.options) {
    apply_option(*option, text, "--" + option->name, settings);
  }
}

std::string read_text(const std::string& path) {
  const auto read_all = [](std::istream& stream) {
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  if (path == "-") return read_all(std::cin);
  const auto fail = [&](const std::string& reason) {
    throw Error(ExitCode::kUsage, "cannot read '" + path + "': " + reason);
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) fail("it is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::generic_category().message(errno));
  std::string text = read_all(file);
  if (file.bad()) fail("reading failed");
  return text;
}

}  // namespace snn::cli
