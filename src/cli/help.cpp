#include <algorithm>

#include "cli/flags.h"
#include "cli/layout.h"
#include "snn/text/text.h"
#include "train/option_table.h"

namespace snn::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kMeaningColumn = 30;

// A line of the help: the flag, then its meaning.
std::string row(const std::string& flag, const std::string& meaning) {
  std::string line = "  " + flag;
  if (line.size() + 2 > kMeaningColumn) {
    line += '\n' + std::string(kMeaningColumn, ' ');
  } else {
    line.resize(kMeaningColumn, ' ');
  }
  return line + wrapped(meaning, kMeaningColumn, kWidth) + '\n';
}

// "REAL,... in [0, 1]" is a kind of value and its range.
std::string kind_of(const std::string& value) { return value.substr(0, value.find(' ')); }

std::string meaning_with_default(const Option& option) {
  const std::string initial = option.format(Config{});
  std::string meaning = meaning_of(option, option.choices);
  if (!initial.empty()) meaning += " [" + (initial == "[]" ? "none" : initial) + "]";
  return meaning;
}

std::string spelling_of(const Flag& flag) {
  const std::string short_form =
      flag.short_name == '\0' ? "    " : std::string("-") + flag.short_name + ", ";
  if (flag.option == nullptr) {
    return short_form + "--" + flag.name + (flag.value.empty() ? "" : " " + flag.value);
  }
  if (!flag.is_switch) return short_form + "--" + flag.name + " " + kind_of(flag.value);
  return short_form + "--[no-]" + flag.name + (flag.option->is_list ? " [BOOL,...]" : "");
}

std::string in_code(const std::string& text) {
  if (text.empty()) return "";
  return "`" + join(split(text, '|'), "\\|") + "`";
}

std::string markdown_row(const Option& option) {
  const std::string short_form =
      option.short_name == '\0' ? "" : std::string("`-") + option.short_name + "`, ";
  const std::string value = lists_choices(option)
                                ? join(option.choices, "|") + (option.is_list ? ",..." : "")
                                : option.value;
  return "| " + short_form + "`--" + option.name + "` | " + in_code(value) + " | " +
         in_code(option.format(Config{})) + " | " + option.help +
         (option.differences.empty() ? "" : " (" + option.differences + ")") + " |\n";
}

}  // namespace

std::string help_text(const Program& program) {
  const std::string positional = program.positional.empty() ? "" : " " + program.positional;
  std::string help = wrapped(program.summary, 0, kWidth) + '\n';
  help += "\nUsage: " + program.name + positional + " [flags]\n";
  if (!positional.empty()) help += row(program.positional, program.positional_help);

  const std::vector<Flag> flags = flags_of(program);
  for (const auto& [group, title] : Names<Group>::table) {
    std::string rows;
    bool has_lists = false;
    for (const Flag& flag : flags) {
      if (flag.option == nullptr || flag.option->group != group) continue;
      rows += row(spelling_of(flag), meaning_with_default(*flag.option));
      has_lists = has_lists || flag.option->is_list;
    }
    const std::string note =
        group == Group::kNetwork && has_lists
            ? " (,... takes one value for all layers or one per layer, the output layer included)"
            : "";
    if (!rows.empty())
      help += "\n" + wrapped(std::string(title) + note + ":", 0, kWidth) + "\n" + rows;
  }
  help += "\nOther:\n";
  for (const Flag& flag : flags) {
    if (flag.action != nullptr) help += row(spelling_of(flag), flag.action->help);
  }
  help += '\n' +
          wrapped(
              "Names may also be written with underscores or as other programs spell them "
              "(docs/aliases.md): --batch_size, --learning-rate.",
              0, kWidth) +
          '\n';
  if (!program.footer.empty()) help += "\n" + program.footer;
  if (!help.ends_with('\n')) help += '\n';
  return help;
}

std::string options_as_markdown() {
  std::string table = "| Flag | Value | Default | Meaning |\n|---|---|---|---|\n";
  const Option* last = nullptr;
  for (const Option& option : options()) {
    if (last == nullptr || last->group != option.group) {
      table += "| **" + std::string(name_of(option.group)) + "** | | | |\n";
    }
    last = &option;
    table += markdown_row(option);
  }
  return table;
}

}  // namespace snn::cli
