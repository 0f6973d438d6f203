#pragma once

#include <regex>
#include <string>
#include <vector>

namespace snn::report {

/// The reason why `text` is not well-formed XML, checked as far as these files use it: elements,
/// attributes and entities; empty if it is.
inline std::string xml_problem(const std::string& text) {
  static const std::regex tag(
      R"(^<(/?)([A-Za-z][A-Za-z0-9]*)((\s+[A-Za-z:-]+="[^"<]*")*)\s*(/?)>)");
  static const std::regex entity("^&(amp|lt|gt|quot);");
  std::vector<std::string> open;
  bool has_root = false;
  std::size_t at = text.starts_with("<?xml") ? text.find("?>") + 2 : 0;
  while (at < text.size()) {
    const auto rest = text.begin() + static_cast<std::ptrdiff_t>(at);
    const std::string shown = text.substr(at, 60);
    std::smatch match;
    if (text[at] == '&') {
      if (!std::regex_search(rest, text.end(), match, entity)) return "no entity: " + shown;
    } else if (text[at] == '<') {
      if (!std::regex_search(rest, text.end(), match, tag)) return "no tag: " + shown;
      const std::string attributes = match[3];
      for (std::size_t i = attributes.find('&'); i != std::string::npos;
           i = attributes.find('&', i + 1)) {
        if (!std::regex_search(attributes.substr(i), entity)) return "no entity: " + shown;
      }
      if (match[1].length() > 0) {
        if (open.empty() || open.back() != match[2]) return "not open: " + shown;
        open.pop_back();
      } else if (open.empty() && has_root) {
        return "a second root: " + shown;
      } else if (match[5].length() == 0) {
        open.push_back(match[2]);
      }
      has_root = true;
    } else {
      if (open.empty() && text[at] != '\n') return "text outside: " + shown;
      ++at;
      continue;
    }
    at += static_cast<std::size_t>(match.length());
  }
  return open.empty() ? "" : "never closed: " + open.back();
}

}  // namespace snn::report
