#include "cli/layer_values.h"

#include <langinfo.h>
#include <locale.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "snn/text/text.h"
#include "snn/train/option.h"
#include "text/value_list.h"
#include "train/option_table.h"

namespace snn::cli {
namespace {

std::string name_of_layer(std::size_t index, std::size_t layers) {
  if (index + 1 == layers) return "output";
  return layers == 2 ? "hidden" : "hidden " + std::to_string(index + 1);
}

bool is_whole(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

std::string name_of_locale() {
  for (const char* variable : {"LC_ALL", "LC_NUMERIC", "LANG"}) {
    const char* name = std::getenv(variable);
    if (name != nullptr && *name != '\0') return name;
  }
  return "C";
}

}  // namespace

bool has_decimal_comma() {
  const locale_t locale = ::newlocale(LC_NUMERIC_MASK, "", nullptr);
  if (locale != nullptr) {
    const bool is_comma = std::string_view(::nl_langinfo_l(RADIXCHAR, locale)) == ",";
    ::freelocale(locale);
    return is_comma;
  }
  constexpr std::string_view kLanguages[] = {
      "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl",
      "hr", "hu", "hy", "id", "is", "it", "ka", "kk", "lt", "lv", "mk", "nb", "nl", "nn", "no",
      "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk", "uz", "vi"};
  return std::ranges::find(kLanguages, name_of_locale().substr(0, 2)) != std::end(kLanguages);
}

std::string layer_values(const Config& config) {
  std::vector<std::string> texts;
  std::string hint;
  for (const Option& option : options()) {
    if (!option.is_per_layer) continue;
    const std::vector<std::string> values = split_list(option.format(config));
    if (values.size() < 2 || is_without_effect(option, config)) continue;
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < values.size(); ++i) {
      shown.push_back(values[i] + " (" + name_of_layer(i, config.hidden.size() + 1) + ")");
    }
    texts.push_back(option.name + " " + join(shown, ", "));
    const bool may_be_one = option.is_number && values.size() == 2 && is_whole(values[1]);
    if (may_be_one && hint.empty() && has_decimal_comma()) {
      hint = "; " + values[0] + "." + values[1] + " is written with a point";
    }
  }
  return join(texts, "; ") + hint;
}

}  // namespace snn::cli
