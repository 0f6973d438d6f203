#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn::report {

/// The height of all text in a drawing, in px.
inline constexpr double kTextSize = 12;
/// Series have this many colours, which people with any kind of colour vision tell apart.
inline constexpr int kColors = 6;

/// A picture: SVG elements within (0, 0) and (width, height), in px as it is shown on a phone. Its
/// elements get their looks from the classes of svg_style().
struct Drawing {
  std::string title;  ///< for who cannot see it; not drawn
  double width = 0;
  double height = 0;
  std::string body;
};

/// `text` for XML, within elements and attributes; what is not UTF-8 or may not stand in XML is
/// replaced.
std::string escape(std::string_view text);

/// A coordinate or length with at most one decimal, which must be finite.
std::string px(double value);

/// About how wide `text` is drawn.
double text_width(std::string_view text, double size = kTextSize);

/// A text whose baseline starts, is centred or ends at (x, y). Its class is one of "ink", "muted",
/// "title" and "on-color"; with " halo" it is readable across lines.
enum class Anchor { kStart, kMiddle, kEnd };
std::string text(double x, double y, std::string_view content, std::string_view looks = "ink",
                 Anchor anchor = Anchor::kStart);

/// The class of lines in a colour from 0 ("s0"), and of areas ("f0"); after kColors they begin
/// anew.
std::string stroke_class(int color);
std::string fill_class(int color);

/// The style sheet of drawings, for light and dark. svg_file() has it in the file; a page with
/// several inline_svg() needs it once.
std::string svg_style();

/// The <svg> element, for a page; it is as wide as there is room, and keeps its shape.
std::string inline_svg(const Drawing& drawing);

/// A whole .svg file, which looks right by itself.
std::string svg_file(const Drawing& drawing);

/// One drawing of several, one below the other or side by side.
Drawing stacked(const std::string& title, const std::vector<Drawing>& drawings);
Drawing beside(const std::string& title, const std::vector<Drawing>& drawings);

}  // namespace snn::report
