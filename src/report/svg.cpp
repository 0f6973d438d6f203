#include "report/svg.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace snn::report {
namespace {

// The colours on light and dark backgrounds. Series use the palette of Okabe and Ito without
// yellow, which is invisible on white; they are lighter on a dark background.
struct Look {
  std::string_view rule, light, dark;
};
constexpr Look kLooks[] = {
    {".snn .ground{fill:", "#ffffff", "#16181d"},
    {".snn .ink,.snn .title{fill:", "#1d2129", "#e6e8ec"},
    {".snn .muted{fill:", "#56606c", "#a4acb8"},
    {".snn .on-color{fill:", "#ffffff", "#101216"},
    {".snn .grid{stroke:", "#e3e6ea", "#2c313a"},
    {".snn .axis{stroke:", "#9aa2ad", "#5d6673"},
    {".snn .limit,.snn .ticks{stroke:", "#1d2129", "#e6e8ec"},
    {".snn .s0{stroke:", "#0072b2", "#4fa8e0"},
    {".snn .f0{fill:", "#0072b2", "#4fa8e0"},
    {".snn .s1{stroke:", "#d55e00", "#f08a4b"},
    {".snn .f1{fill:", "#d55e00", "#f08a4b"},
    {".snn .s2{stroke:", "#009e73", "#2fc197"},
    {".snn .f2{fill:", "#009e73", "#2fc197"},
    {".snn .s3{stroke:", "#cc79a7", "#e39cc3"},
    {".snn .f3{fill:", "#cc79a7", "#e39cc3"},
    {".snn .s4{stroke:", "#e69f00", "#f2bd4a"},
    {".snn .f4{fill:", "#e69f00", "#f2bd4a"},
    {".snn .s5{stroke:", "#56b4e9", "#9bd4f5"},
    {".snn .f5{fill:", "#56b4e9", "#9bd4f5"},
};

constexpr std::string_view kShapes =
    ".snn text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif;"
    "font-variant-numeric:tabular-nums}\n"
    ".snn .title{font-weight:600}\n"
    ".snn .middle{text-anchor:middle}\n"
    ".snn .end{text-anchor:end}\n"
    ".snn .grid,.snn .axis{stroke-width:1;fill:none}\n"
    ".snn .line{stroke-width:2;fill:none;stroke-linejoin:round;stroke-linecap:round}\n"
    ".snn .leader{stroke-width:1;fill:none;stroke-dasharray:1 3}\n"
    ".snn .faint{stroke-width:1;fill:none;stroke-opacity:.45}\n"
    ".snn .limit{stroke-width:1;fill:none;stroke-dasharray:2 3}\n"
    ".snn .dashed{stroke-dasharray:6 4}\n"
    ".snn .spike{fill:none}\n"
    ".snn .band{fill-opacity:.18}\n"
    ".snn image{image-rendering:pixelated}\n";

std::string colors(std::string_view Look::*theme) {
  std::string rules;
  for (const Look& look : kLooks) {
    rules += std::string(look.rule) + std::string(look.*theme) + "}\n";
  }
  return rules;
}

// The length of the UTF-8 character that starts at `bytes`, 0 if it is not valid in XML.
std::size_t character_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong encodings, surrogates, code points beyond the last one, noncharacters.
  const unsigned char second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  if (first == 0xef && second == 0xbf && byte(2) > 0xbd) return 0;
  return length;
}

std::string opening_tag(const Drawing& drawing, std::string_view more) {
  return "<svg class=\"snn\" viewBox=\"0 0 " + px(drawing.width) + " " + px(drawing.height) +
         "\" role=\"img\" aria-label=\"" + escape(drawing.title) + "\"" + std::string(more) + ">";
}

std::string moved(const Drawing& drawing, double x, double y) {
  return "<g transform=\"translate(" + px(x) + " " + px(y) + ")\">" + drawing.body + "</g>\n";
}

}  // namespace

std::string escape(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    switch (length == 1 ? text[0] : '\0') {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return escaped;
}

std::string px(double value) {
  const double rounded = std::round(value * 10) / 10;
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                          rounded == 0 ? 0.0 : rounded, std::chars_format::fixed);
  return error == std::errc() ? std::string(buffer.data(), end) : "0";
}

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) continue;  // continuation byte
    const bool is_narrow = std::string_view(" .,:;'|()[]ijlt").find(c) != std::string_view::npos;
    const bool is_wide = std::string_view("mwMW%").find(c) != std::string_view::npos;
    width += is_narrow ? 0.4 : is_wide ? 0.95 : 0.64;  // of DejaVu Sans, the widest in use
  }
  return width * size;
}

std::string text(double x, double y, std::string_view content, std::string_view looks,
                 Anchor anchor) {
  const std::string_view side = anchor == Anchor::kStart    ? ""
                                : anchor == Anchor::kMiddle ? " middle"
                                                            : " end";
  return "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\" class=\"" + std::string(looks) +
         std::string(side) + "\">" + escape(content) + "</text>\n";
}

std::string stroke_class(int color) { return "s" + std::to_string(color % kColors); }
std::string fill_class(int color) { return "f" + std::to_string(color % kColors); }

std::string svg_style() {
  return std::string(kShapes) + colors(&Look::light) + "@media (prefers-color-scheme:dark){\n" +
         colors(&Look::dark) + "}\n";
}

std::string inline_svg(const Drawing& drawing) {
  return opening_tag(drawing, "") + "\n" + drawing.body + "</svg>\n";
}

std::string svg_file(const Drawing& drawing) {
  constexpr double kMargin = 14;  // a page has its own
  const Drawing framed{drawing.title, drawing.width + 2 * kMargin, drawing.height + 2 * kMargin,
                       moved(drawing, kMargin, kMargin)};
  const std::string size = " xmlns=\"http://www.w3.org/2000/svg\" width=\"" + px(framed.width) +
                           "\" height=\"" + px(framed.height) + "\"";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + opening_tag(framed, size) +
         "\n<style>\n" + svg_style() +
         "</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n" + framed.body +
         "</svg>\n";
}

Drawing stacked(const std::string& title, const std::vector<Drawing>& drawings) {
  Drawing whole{title, 0, 0, ""};
  for (const Drawing& drawing : drawings) {
    whole.body += moved(drawing, 0, whole.height);
    whole.height += drawing.height;
    whole.width = std::max(whole.width, drawing.width);
  }
  return whole;
}

Drawing beside(const std::string& title, const std::vector<Drawing>& drawings) {
  Drawing whole{title, 0, 0, ""};
  for (const Drawing& drawing : drawings) {
    whole.body += moved(drawing, whole.width, 0);
    whole.width += drawing.width;
    whole.height = std::max(whole.height, drawing.height);
  }
  return whole;
}

}  // namespace snn::report
