#include "cli/rewrite.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <utility>

#include "snn/text/text.h"
#include "text/aliases.h"
#include "text/boolean.h"
#include "text/message.h"
#include "text/shell.h"

namespace snn::cli {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// The number of bytes of the dashes at the start of a word, including typographic dashes.
std::size_t dashes_of(std::string_view word) {
  constexpr std::string_view kDashes[] = {"-",  // hyphen, figure, en and em dash, bar, minus
                                          "\u2010", "\u2011", "\u2012", "\u2013",
                                          "\u2014", "\u2015", "\u2212"};
  std::size_t length = 0;
  while (true) {
    const auto next = std::ranges::find_if(
        kDashes, [&](std::string_view dash) { return word.substr(length).starts_with(dash); });
    if (next == std::end(kDashes)) return length;
    length += next->size();
  }
}

// True if a word is a flag: "-T" and "--beta" do, "-1", "-.5" and "-" do not.
bool looks_like_flag(std::string_view word) {
  const std::size_t dashes = dashes_of(word);
  const bool is_dashes = dashes == word.size() && dashes > 1;
  return is_dashes || word.starts_with("--") ||
         (dashes > 0 && dashes < word.size() && is_letter(word[dashes]));
}

// True if the word after a switch is its value: "false", "true,false", also "true,fasle". A `y` or
// `1` may also be a file.
bool is_boolean(std::string_view word, bool may_be_file) {
  return std::ranges::any_of(split(word, ','), [&](const std::string& item) {
    return parse_boolean(item) && (item.size() > 1 || !may_be_file);
  });
}

// A word with dashes, split into its parts.
struct FlagWord {
  explicit FlagWord(const std::string& text) : word(text) {
    const std::size_t first = dashes_of(word), equals = word.find('=', first);
    dashes = word.substr(0, first);
    name = word.substr(first, equals == std::string::npos ? equals : equals - first);
    spelling = dashes + name;
    has_value = equals != std::string::npos;
    if (has_value) value = word.substr(equals + 1);
  }

  std::string word, dashes, name, spelling, value;
  bool has_value = false;
};

class Rewriter {
 public:
  Rewriter(const Program& program, const std::vector<Flag>& flags, std::vector<std::string> words)
      : program_(program), flags_(flags), words_(std::move(words)) {
    for (const Flag& flag : flags_) names_.push_back(flag.name);
  }

  Rewritten run() {
    for (; next_ < words_.size() && words_[next_] != "--"; ++next_) {
      const std::string& word = words_[next_];
      if (looks_like_flag(word)) {
        rewrite_flag(FlagWord(word));
      } else if (!is_misplaced_assignment(word)) {
        result_.words.push_back(word);
      }
    }
    result_.words.insert(result_.words.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_),
                         words_.end());
    return std::move(result_);
  }

 private:
  void rewrite_flag(FlagWord word) {
    if (word.dashes == "--") return rewrite_long(word);
    if (word.dashes == "-" && (word.name.size() == 1 || !is_known(word.name))) {
      const Flag* flag = find_short(word.word[1]);
      if (flag != nullptr && has_short_form(*flag, word)) return rewrite_short(*flag, word);
    }
    report_dashes(word);
  }

  void rewrite_long(const FlagWord& word) {
    if (const Flag* flag = find(word.name)) {
      read_value(*flag, word);
    } else if (const Flag* negated = find_negated(word.name)) {
      if (word.has_value) report(word.spelling + ": takes no value");
      add(*negated, "false");
    } else {
      report_unknown(word);
    }
  }

  // -T 25, -T=25 and -T25 mean --steps=25. All short flags take numbers or are switches, so letters
  // after one belong to a long name.
  bool has_short_form(const Flag& flag, const FlagWord& word) const {
    const std::string rest = word.name.substr(1);
    if (rest.empty()) return true;
    if (flag.is_switch) return parse_boolean(rest).has_value();
    return !is_letter(rest[0]) && rest[0] != '_' && rest.find('-', 1) == std::string::npos;
  }

  void rewrite_short(const Flag& flag, FlagWord word) {
    if (word.name.size() > 1) {
      word.value = word.word.substr(2);
      word.has_value = true;
    }
    read_value(flag, word);
  }

  // A long name after one hyphen or three, or after a dash of a word processor.
  void report_dashes(const FlagWord& word) {
    const Flag* flag = find(word.name);
    if (flag == nullptr) flag = find_negated(word.name);
    if (flag == nullptr && word.name.size() == 1) flag = find_short(word.name[0]);
    if (flag == nullptr) return report_unknown(word);
    const std::string meant = word.name.size() == 1 ? "-" + word.name : "--" + canonical(word.name);
    const bool is_typeset = word.dashes.find_first_not_of('-') != std::string::npos;
    report(word.spelling + ": " +
           (is_typeset ? "begins with a dash that is not a hyphen" : "expected two hyphens") +
           " (did you mean " + meant + "?)");
    std::string ignored;
    if (!word.has_value && find_negated(word.name) == nullptr) take_value(*flag, ignored, false);
  }

  void read_value(const Flag& flag, const FlagWord& word) {
    std::string value = word.value;
    if (!word.has_value && !take_value(flag, value, true)) return;
    if (!goes_on_in_next_words(flag, value)) add(flag, value);
  }

  // Consumes the word after a flag if it is the flag's value.
  bool take_value(const Flag& flag, std::string& value, bool reports) {
    const bool has_next = next_ + 1 < words_.size() && !looks_like_flag(words_[next_ + 1]);
    if (flag.is_switch &&
        !(has_next && is_boolean(words_[next_ + 1], !program_.positional.empty()))) {
      value = "true";
      return true;
    }
    if (!has_next) {
      if (reports) report("--" + flag.name + ": expected " + flag.value + ", found nothing");
      return false;
    }
    value = words_[++next_];
    return true;
  }

  // A list of values separated by spaces arrives as several words.
  bool goes_on_in_next_words(const Flag& flag, const std::string& value) {
    const bool is_list = flag.option != nullptr && flag.option->is_list;
    const bool is_action_with_list =
        flag.action != nullptr && flag.value.find(",...") != std::string::npos;
    if (!is_list && !is_action_with_list) return false;
    const auto is_item = [&](const std::string& word) {
      Config ignored;
      double number = 0;
      return is_list ? flag.option->parse(ignored, word).empty() : parse_real(word, number);
    };
    std::vector<std::string> pieces = {value};
    while (next_ + 1 < words_.size() && !looks_like_flag(words_[next_ + 1])) {
      const std::string& word = words_[next_ + 1];
      if (!pieces.back().ends_with(',') && !word.starts_with(',') && !is_item(word)) break;
      pieces.push_back(word);
      ++next_;
    }
    if (pieces.size() == 1) return false;
    std::erase(pieces, ",");
    for (std::string& piece : pieces) {
      if (piece.starts_with(',')) piece.erase(0, 1);
      if (piece.ends_with(',')) piece.pop_back();
    }
    report("--" + flag.name + ": expected one word, values separated by commas without spaces: --" +
           flag.name + " " + shell_word(join(pieces, ",")));
    return true;
  }

  // beta=0.9 is the syntax of Ultralytics and Hydra, but may also be a file name.
  bool is_misplaced_assignment(const std::string& word) {
    const std::size_t equals = word.find('=');
    std::error_code ignored;
    if (equals == std::string::npos || std::filesystem::exists(word, ignored)) return false;
    const std::string name = word.substr(0, equals);
    const Flag* flag = find(name);
    if (flag == nullptr && !program_.positional.empty()) return false;
    std::string hint = suggested_option(name, names_, "--");
    if (flag != nullptr) {
      const bool can_sweep = flag->option != nullptr && find("set") != nullptr;
      hint = " (did you mean " +
             (can_sweep ? "--set " + shell_word(word)
                        : shell_word("--" + flag->name + word.substr(equals))) +
             "?)";
    }
    report(word + ": unexpected argument" + hint);
    return true;
  }

  void add(const Flag& flag, const std::string& value) {
    // CLI11 interprets --name= as a flag whose value is the next word.
    if (value.empty()) {
      result_.words.insert(result_.words.end(), {"--" + flag.name, ""});
    } else {
      result_.words.push_back("--" + flag.name + "=" + value);
    }
  }

  void report(const std::string& problem) { result_.problems.push_back(problem); }

  void report_unknown(const FlagWord& word) {
    std::vector<std::string> names = names_;
    for (const Flag& flag : flags_) {
      if (flag.is_switch) names.push_back("no-" + flag.name);
    }
    std::string hint = suggested_option(word.name, names, "--");
    if (hint.empty() && word.name.size() == 1 && find_short(word.name[0]) != nullptr) {
      hint = " (did you mean -" + word.name + "?)";
    }
    if (hint.empty() && is_argument(word.name)) {
      hint = "; " + program_.positional + " is given without a flag";
    }
    report(word.spelling + ": unknown option" + hint);
    // The next words belong to it and are not separate mistakes.
    const bool has_next = next_ + 1 < words_.size() && !looks_like_flag(words_[next_ + 1]);
    if (!word.has_value && has_next) ++next_;
  }

  // Flags of other programs whose value is the argument here.
  bool is_argument(const std::string& name) const {
    constexpr std::string_view kNames[] = {"checkpoint", "ckpt", "model", "weights", "run",
                                           "rundir",     "file", "input", "sweep"};
    return !program_.positional.empty() &&
           std::ranges::find(kNames, plain_name(name)) != std::end(kNames);
  }

  const Flag* called(const std::string& name) const {
    const auto known = std::ranges::find(flags_, name, &Flag::name);
    return known == flags_.end() ? nullptr : &*known;
  }

  const Flag* find(const std::string& name) const {
    const Flag* flag = called(name);
    return flag != nullptr ? flag : called(meant_option(name, names_));
  }

  const Flag* find_short(char letter) const {
    const auto known = std::ranges::find(flags_, letter, &Flag::short_name);
    return known == flags_.end() ? nullptr : &*known;
  }

  const Flag* find_negated(const std::string& name) const {
    const std::string kebab = lower_case(kebab_case(name));
    if (!kebab.starts_with("no-")) return nullptr;
    const Flag* flag = find(kebab.substr(3));
    return flag != nullptr && flag->is_switch ? flag : nullptr;
  }

  bool is_known(const std::string& name) const {
    return find(name) != nullptr || find_negated(name) != nullptr;
  }

  std::string canonical(const std::string& name) const {
    if (const Flag* flag = find(name)) return flag->name;
    return "no-" + find_negated(name)->name;
  }

  const Program& program_;
  const std::vector<Flag>& flags_;
  std::vector<std::string> names_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
  Rewritten result_;
};

}  // namespace

Rewritten rewrite(const Program& program, const std::vector<Flag>& flags,
                  std::vector<std::string> words) {
  return Rewriter(program, flags, std::move(words)).run();
}

}  // namespace snn::cli
