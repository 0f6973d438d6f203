#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn::report {

/// The height of all text in a drawing, in px.
inline constexpr double kTextSize = 12;
/// The number of series colours, which are distinguishable with any colour vision.
inline constexpr int kColors = 6;

/// A picture: SVG elements within (0, 0) and (width, height), in px of a phone's screen. The
/// classes of svg_style() style its elements.
struct Drawing {
  std::string title;  ///< for screen readers; not drawn
  double width = 0;
  double height = 0;
  std::string body;
};

/// `text` for XML, within elements and attributes; invalid UTF-8 and characters not allowed in XML
/// are replaced.
std::string escape(std::string_view text);

/// A coordinate or length with at most one decimal, which must be finite.
std::string px(double value);

/// The approximate width of the drawn `text`.
double text_width(std::string_view text, double size = kTextSize);

/// A text whose baseline starts, is centred or ends at (x, y). Its class is one of "ink", "muted",
/// "title" and "on-color";
enum class Anchor { kStart, kMiddle, kEnd };
std::string text(double x, double y, std::string_view content, std::string_view looks = "ink",
                 Anchor anchor = Anchor::kStart);

/// The class of lines in a colour from 0 ("s0"), and of areas ("f0"); after kColors they repeat.
std::string stroke_class(int color);
std::string fill_class(int color);

/// The style sheet of drawings, for light and dark. svg_file() has it in the file; a page with
/// several inline_svg() needs it once.
std::string svg_style();

/// The <svg> element, for a page; it fills the available width and keeps its aspect ratio.
std::string inline_svg(const Drawing& drawing);

/// A complete, self-contained .svg file with a margin.
std::string svg_file(const Drawing& drawing);

/// Combines several drawings, stacked or side by side.
Drawing stacked(const std::string& title, const std::vector<Drawing>& drawings);
Drawing beside(const std::string& title, const std::vector<Drawing>& drawings);

}  // namespace snn::report
