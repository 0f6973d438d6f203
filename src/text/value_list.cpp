#include "text/value_list.h"

#include "text/message.h"

namespace snn {
namespace {

// Splits at commas outside of brackets, braces and quotes.
std::vector<std::string_view> split_outside_brackets(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t first = 0;
  int depth = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c != ',' || depth > 0) continue;
    pieces.push_back(text.substr(first, i - first));
    first = i + 1;
  }
  pieces.push_back(text.substr(first));
  return pieces;
}

}  // namespace

std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view piece : split_outside_brackets(text)) {
    const std::string item(trimmed(piece));
    const bool goes_on = item.find('=') != std::string::npos && item.find(':') == std::string::npos;
    if (goes_on && !items.empty()) {
      items.back() += "," + item;
    } else {
      items.push_back(item);
    }
  }
  return items;
}

std::vector<std::string> split_list(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = trimmed(text.substr(1, text.size() - 2));
    if (text.empty()) return {};
  }
  return split_values(text);
}

}  // namespace snn
