#include "text/shell.h"

#include <algorithm>
#include <cctype>

#include "snn/text/text.h"

namespace snn {

std::string shell_word(std::string_view word) {
  const auto is_plain = [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) ||
           std::string_view("_./-+:=,%@").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  return "'" + join(split(word, '\''), "'\\''") + "'";
}

std::string shell_line(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_word(word));
  return join(quoted, " ");
}

}  // namespace snn
