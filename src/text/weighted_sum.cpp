#include "text/weighted_sum.h"

#include <cctype>

#include "snn/text/range.h"

namespace snn {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// True if the `+` at `index` is the sign of an exponent: 1e+3, 1.E+3.
bool is_of_exponent(std::string_view text, std::size_t index) {
  if (index < 2 || index + 1 >= text.size() || !is_digit(text[index + 1])) return false;
  const char e = text[index - 1], before = text[index - 2];
  return (e == 'e' || e == 'E') && (is_digit(before) || before == '.');
}

Summand read_summand(std::string_view what, std::string_view text, std::size_t number) {
  const std::string place = "term " + std::to_string(number) + ": ";
  if (text.empty()) {
    throw Error(ExitCode::kUsage, place + "expected a " + std::string(what) + ", found nothing");
  }
  const std::size_t star = text.find('*');
  if (star == std::string_view::npos || star > text.find(':')) return {1.0, text};
  Summand summand{1.0, trimmed(text.substr(star + 1))};
  const std::string problem =
      read_number(trimmed(text.substr(0, star)), Range::above(0).in_float(), summand.weight);
  if (!problem.empty()) {
    throw Error(ExitCode::kUsage, place + "the weight before '*': " + problem);
  }
  return summand;
}

}  // namespace

std::vector<Summand> split_sum(std::string_view what, std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '+' || is_of_exponent(text, i)) continue;
    pieces.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  pieces.push_back(text.substr(begin));
  if (pieces.size() == 1 && trimmed(text).empty()) return {{1.0, text}};
  std::vector<Summand> summands;
  for (const std::string_view piece : pieces) {
    summands.push_back(read_summand(what, trimmed(piece), summands.size() + 1));
  }
  return summands;
}

std::string weighted_text(double weight, const std::string& text) {
  return weight == 1 ? text : format_real(weight) + "*" + text;
}

}  // namespace snn
