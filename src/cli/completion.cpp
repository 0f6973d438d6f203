#include <algorithm>
#include <cctype>

#include "cli/flags.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn::cli {
namespace {

// The name of a shell function for `program`.
std::string function_name(const std::string& program) {
  std::string name = "_" + program;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

std::vector<std::string> spellings(const Flag& flag) {
  std::vector<std::string> all = {"--" + flag.name};
  if (flag.short_name != '\0') all.push_back(std::string("-") + flag.short_name);
  return all;
}

// Replaces @NAME@ by the names.
std::string filled(std::string text,
                   const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values) {
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size()) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

std::string bash_script(const std::string& program, const std::vector<Flag>& flags) {
  constexpr const char* kScript = R"sh(# bash completion: eval "$(@PROGRAM@ --completion bash)"
@FUNCTION@() {
  local word=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD - 1]}
  # bash makes three words of --flag=value.
  if [[ $word == = ]]; then
    word=
  elif [[ $flag == = ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $flag in
@CASES@  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "@FLAGS@" -- "$word"))
  else
    COMPREPLY=()
  fi
}
complete -o default -F @FUNCTION@ @PROGRAM@
)sh";
  std::string cases;
  std::vector<std::string> words;
  for (const Flag& flag : flags) {
    const std::vector<std::string> all = spellings(flag);
    words.insert(words.end(), all.begin(), all.end());
    if (flag.is_switch && flag.option != nullptr) words.push_back("--no-" + flag.name);
    // The word after a switch need not be its value.
    if (flag.is_switch || flag.choices.empty()) continue;
    cases += "    " + join(all, " | ") + ")\n      COMPREPLY=($(compgen -W \"" +
             join(flag.choices, " ") + "\" -- \"$word\"))\n      return\n      ;;\n";
  }
  return filled(kScript, {{"@PROGRAM@", program},
                          {"@FUNCTION@", function_name(program)},
                          {"@CASES@", cases},
                          {"@FLAGS@", join(words, " ")}});
}

// `text` as a part of a specification for zsh's _arguments, within single quotes.
std::string zsh_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string zsh_argument(const Flag& flag) {
  const std::string help = zsh_text(flag.option != nullptr ? flag.option->help : flag.action->help);
  const std::string action = flag.choices.empty() ? "_files" : "(" + join(flag.choices, " ") + ")";
  const std::string value = flag.is_switch ? "" : ":" + zsh_text(flag.value) + ":" + action;
  std::string lines;
  for (const std::string& spelling : spellings(flag)) {
    const std::string takes_value = flag.is_switch ? "" : (spelling.size() == 2 ? "+" : "=");
    lines += "    '" + spelling + takes_value + "[" + help + "]" + value + "' \\\n";
  }
  if (flag.is_switch && flag.option != nullptr) lines += "    '--no-" + flag.name + "' \\\n";
  return lines;
}

std::string zsh_script(const std::string& program, const std::vector<Flag>& flags) {
  constexpr const char* kScript = R"sh(#compdef @PROGRAM@
# zsh completion: eval "$(@PROGRAM@ --completion zsh)"
@FUNCTION@() {
  _arguments \
@ARGUMENTS@    '*:file:_files'
}
compdef @FUNCTION@ @PROGRAM@
)sh";
  std::string arguments;
  for (const Flag& flag : flags) arguments += zsh_argument(flag);
  return filled(
      kScript,
      {{"@PROGRAM@", program}, {"@FUNCTION@", function_name(program)}, {"@ARGUMENTS@", arguments}});
}

}  // namespace

std::string completion_script(const Program& program, std::string_view shell) {
  const std::vector<Flag> flags = flags_of(program);
  if (shell == "bash") return bash_script(program.name, flags);
  if (shell == "zsh") return zsh_script(program.name, flags);
  throw Error(ExitCode::kUsage, "expected bash or zsh, found " + quote(shell));
}

}  // namespace snn::cli
