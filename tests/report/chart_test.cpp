#include "report/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <limits>
#include <regex>

#include "report/png.h"
#include "report/scale.h"

namespace snn::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Chart chart_of(std::vector<Series> series) {
  return {"Loss", {"epoch"}, {{.title = "", .y = {"loss"}, .series = std::move(series)}}};
}

// The (x, y) of each text in a drawing that equals `content`.
std::vector<Point> places_of(const Drawing& drawing, const std::string& content) {
  const std::regex pattern("<text x=\"([-0-9.]+)\" y=\"([-0-9.]+)\"[^>]*>" + content + "</text>");
  std::vector<Point> places;
  for (std::sregex_iterator i(drawing.body.begin(), drawing.body.end(), pattern), end; i != end;
       ++i) {
    places.push_back({std::stod((*i)[1]), std::stod((*i)[2])});
  }
  return places;
}

std::vector<std::string> lines_of(const Drawing& drawing, const std::string& looks) {
  const std::regex pattern("<path class=\"" + looks + "\" d=\"([^\"]*)\"");
  std::vector<std::string> lines;
  for (std::sregex_iterator i(drawing.body.begin(), drawing.body.end(), pattern), end; i != end;
       ++i) {
    lines.push_back((*i)[1]);
  }
  return lines;
}

TEST(Escape, KeepsTextAndReplacesWhatXmlCannotHold) {
  EXPECT_EQ(escape("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
  EXPECT_EQ(escape("µm →"), "µm →");
  EXPECT_EQ(escape(std::string("a\x01z\0", 4)), "a\xef\xbf\xbdz\xef\xbf\xbd");
  EXPECT_EQ(escape("\xc3(\xff"), "\xef\xbf\xbd(\xef\xbf\xbd");                // invalid UTF-8
  EXPECT_EQ(escape("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a lone surrogate
  EXPECT_EQ(escape("\xef\xbf\xbf"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a noncharacter
}

TEST(Px, HasOneDecimalAtMost) {
  EXPECT_EQ(px(12), "12");
  EXPECT_EQ(px(1.26), "1.3");
  EXPECT_EQ(px(-0.01), "0");
}

TEST(Ticks, AreRoundNumbers) {
  EXPECT_THAT(ticks(0, 1, 5), ElementsAre(0, 0.2, testing::DoubleEq(0.4),
                                          testing::DoubleEq(0.6000000000000001), 0.8, 1));
  EXPECT_THAT(ticks(3, 17, 3), ElementsAre(5, 10, 15));
  EXPECT_THAT(ticks(0, 2, 10, /*is_whole=*/true), ElementsAre(0, 1, 2));
  EXPECT_THAT(log_ticks(0.5, 200, 4), ElementsAre(1, 3, 10, 30, 100));
  EXPECT_THAT(log_ticks(1, 12, 4), ElementsAre(1, 2, 5, 10));
  EXPECT_THAT(log_ticks(1e-8, 1e8, 4),
              ElementsAre(testing::DoubleEq(1e-8), testing::DoubleEq(1e-4), 1, 1e4, 1e8));
  EXPECT_THAT(log_ticks(2.1, 2.9, 4), ElementsAre(testing::DoubleEq(2.2), testing::DoubleEq(2.4),
                                                  testing::DoubleEq(2.6), testing::DoubleEq(2.8)));
}

TEST(Ticks, AreLabelledAlike) {
  EXPECT_THAT(tick_labels({0, 0.5, 1}, false), ElementsAre("0.0", "0.5", "1.0"));
  EXPECT_THAT(tick_labels({0, 20000, 40000}, false), ElementsAre("0", "20,000", "40,000"));
  EXPECT_THAT(tick_labels({0.001, 0.01, 0.1, 1}, true), ElementsAre("0.001", "0.01", "0.1", "1"));
  EXPECT_THAT(tick_labels({-1000, 1e-5, 1e9}, true), ElementsAre("-1,000", "1e-05", "1e+09"));
}

TEST(Ends, HoldTheDataAndAreNeverEqual) {
  const Ends ends = rounded_outward(0.13, 0.94, 4);
  EXPECT_DOUBLE_EQ(ends.low, 0);
  EXPECT_DOUBLE_EQ(ends.high, 1);
  for (const double value : {0.0, 5.0, -5.0, 1e-12, 1e300}) {
    const Ends same = rounded_outward(value, value, 4);
    EXPECT_LT(same.low, same.high) << value;
    EXPECT_LE(same.low, value);
    EXPECT_GE(same.high, value);
  }
}

TEST(Chart, DrawsALineThroughItsPointsFromEdgeToEdge) {
  const Drawing drawing = draw(chart_of({{"train", {{0, 0}, {1, 5}, {2, 10}}}}));
  const auto lines = lines_of(drawing, "s0 line");
  ASSERT_EQ(lines.size(), 1U);
  std::smatch match;
  const std::regex three("M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)");
  ASSERT_TRUE(std::regex_match(lines[0], match, three)) << lines[0];
  const auto at = [&](int i) { return std::stod(match[i]); };
  EXPECT_NEAR(at(3), (at(1) + at(5)) / 2, 0.11);
  EXPECT_NEAR(at(4), (at(2) + at(6)) / 2, 0.11);
  EXPECT_NEAR(at(2) - at(6), 150, 0.11);  // the height of the panel
}

TEST(Chart, StepsHoldTheirValueUntilTheNextPoint) {
  const Drawing drawing = draw(chart_of({{"", {{0, 0}, {1, 5}, {2, 10}}, Style::kStep}}));
  EXPECT_THAT(lines_of(drawing, "s0 line"),
              ElementsAre(testing::MatchesRegex("M[0-9. ]+H[0-9.]+V[0-9.]+H[0-9.]+V[0-9.]+")));
}

TEST(Chart, LeavesAGapWhereThereIsNoNumber) {
  const Drawing drawing = draw(chart_of({{"", {{0, 1}, {1, 2}, {2, kNan}, {3, 2}, {4, 1}}}}));
  EXPECT_EQ(lines_of(drawing, "s0 line").size(), 2U);
  EXPECT_THAT(drawing.body, Not(HasSubstr("nan")));
}

TEST(Chart, ASinglePointIsADot) {
  EXPECT_THAT(draw(chart_of({{"", {{1, 2}}}})).body, HasSubstr("<circle class=\"f0\""));
}

TEST(Chart, LeavesOutWhatALogarithmicAxisCannotShow) {
  Chart chart = chart_of({{"", {{0, 0}, {1, 10}, {2, 100}, {3, -1}}}});
  chart.panels[0].y.is_log = true;
  EXPECT_THAT(lines_of(draw(chart), "s0 line"), ElementsAre(testing::MatchesRegex("M[^L]*L[^L]*")));
}

TEST(Chart, LabelsOfLinesThatEndTogetherAreApart) {
  const Drawing drawing = draw(chart_of(
      {{"first", {{0, 0}, {1, 5}}}, {"second", {{0, 1}, {1, 5}}}, {"third", {{0, 2}, {1, 0}}}}));
  const double first = places_of(drawing, "first").at(0).y;
  const double second = places_of(drawing, "second").at(0).y;
  EXPECT_GE(std::abs(first - second), 14);
  EXPECT_GT(places_of(drawing, "third").at(0).y, std::max(first, second));
}

TEST(Chart, NamesTheAxesAndShortensWhatIsTooLong) {
  const std::string name(200, 'x');
  const Drawing drawing = draw(chart_of({{name, {{0, 0}, {1, 5}}}}));
  EXPECT_EQ(places_of(drawing, "epoch").size(), 1U);
  EXPECT_EQ(places_of(drawing, "loss").size(), 1U);
  EXPECT_EQ(places_of(drawing, "x+…").size(), 1U);
}

TEST(Chart, MoreSeriesThanColoursAreDashed) {
  Series series{"", {{0, 0}, {1, 5}}};
  series.color = kColors + 1;
  EXPECT_EQ(lines_of(draw(chart_of({series})), "s1 line dashed").size(), 1U);
}

TEST(Chart, DotsKeepTheirLabelsApart) {
  std::vector<Series> dots;
  for (int i = 0; i < 4; ++i) {
    dots.push_back({"run " + std::to_string(i), {{1 + i * 0.001, 1}}, Style::kPoints});
  }
  dots.push_back({"far", {{9, 9}}, Style::kPoints});
  const Drawing drawing = draw(chart_of(dots));
  std::vector<Point> placed;
  for (int i = 0; i < 4; ++i) {
    for (const Point& at : places_of(drawing, "run " + std::to_string(i))) {
      for (const Point& other : placed) {
        EXPECT_TRUE(std::abs(at.y - other.y) >= 13 || std::abs(at.x - other.x) >= 30);
      }
      placed.push_back(at);
    }
  }
  EXPECT_GE(placed.size(), 2U);
}

TEST(Chart, PanelsShareTheirXAxis) {
  Chart chart{"A neuron", {"step"}, {}};
  chart.panels.push_back({.title = "current", .series = {{"", {{0, 0}, {100, 1}}}}});
  chart.panels.push_back(
      {.title = "membrane", .series = {{"", {{50, 0}, {100, 2}}}}, .limits = {{"threshold", 1}}});
  chart.panels.push_back({.title = "spikes", .raster = {{{10, 50}, {}, {100}}}});
  const Drawing drawing = draw(chart);
  EXPECT_EQ(places_of(drawing, "step").size(), 1U);
  EXPECT_EQ(places_of(drawing, "threshold").size(), 1U);
  // A spike at 50 is drawn at the start of the membrane's line.
  const std::string membrane = lines_of(drawing, "s0 line").at(1);
  const std::string x = membrane.substr(1, membrane.find(' ') - 1);
  EXPECT_THAT(lines_of(drawing, "spike ticks\" style=\"stroke-width:1.6").at(0),
              HasSubstr("M" + x + " "));
}

TEST(Chart, OfNothingIsStillAPicture) {
  EXPECT_GT(draw(chart_of({})).height, 100);
  EXPECT_GT(draw(chart_of({{"none", {}}})).height, 100);
  Chart silent = chart_of({});
  silent.panels[0].raster.times.resize(2);
  EXPECT_THAT(draw(silent).body, HasSubstr("no spikes"));
}

TEST(BarChart, BarsAreAsLongAsTheirValues) {
  const Drawing drawing = draw(BarChart{"Spikes", {{"0", 5, "5"}, {"1", 10, "10", true}}});
  std::smatch match;
  const std::regex two(
      "class=\"f0\"[^>]*width=\"([0-9.]+)\"[^]*class=\"f1\"[^>]*width=\"([0-9.]+)\"");
  ASSERT_TRUE(std::regex_search(drawing.body, match, two)) << drawing.body;
  EXPECT_NEAR(2 * std::stod(match[1]), std::stod(match[2]), 0.2);
}

TEST(HeatMap, CellsAreTheMoreColouredTheHigherTheyAre) {
  const Drawing drawing = draw(HeatMap{"",
                                       "label",
                                       "prediction",
                                       {"0", "1"},
                                       {"0", "1"},
                                       {{Cell{1, "9"}, Cell{0.25, "2"}}, {{}, {}}}});
  EXPECT_THAT(drawing.body, HasSubstr("fill-opacity=\"1\""));
  EXPECT_THAT(drawing.body, HasSubstr("fill-opacity=\"0.25\""));
  EXPECT_THAT(drawing.body, HasSubstr("class=\"on-color middle\">9<"));
  EXPECT_THAT(drawing.body, HasSubstr("class=\"ink middle\">2<"));
}

TEST(Images, WrapIntoRows) {
  const std::vector<Image> images(5, {2, 2, {0, 255, 128, 7}, {"7"}});
  const Drawing drawing = draw("Wrong", images, 100, 360);
  EXPECT_EQ(places_of(drawing, "7").size(), 5U);
  EXPECT_GT(drawing.height, 2 * 100);
  EXPECT_LT(drawing.height, 3 * 100);
}

TEST(GreyPng, HoldsThePixels) {
  const std::vector<std::uint8_t> pixels = {0, 1, 2, 253, 254, 255};
  const std::string png = grey_png(2, 3, pixels);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(png.substr(12, 4), "IHDR");
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\0\3\0\0\0\2", 8));
  const std::size_t data = png.find("IDAT");
  const auto length = static_cast<uLong>(static_cast<unsigned char>(png[data - 1]));
  std::string lines(100, '\0');
  uLongf size = lines.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(lines.data()), &size,
                       reinterpret_cast<const Bytef*>(png.data() + data + 4), length),
            Z_OK);
  EXPECT_EQ(lines.substr(0, size), std::string("\0\0\1\2\0\xfd\xfe\xff", 8));
}

TEST(Base64, IsThatOfItsStandard) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(SvgFile, StandsByItself) {
  const std::string file = svg_file(draw(chart_of({{"a & b", {{0, 0}, {1, 5}}}})));
  EXPECT_THAT(file, testing::StartsWith("<?xml"));
  EXPECT_THAT(file, HasSubstr("xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(file, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(file, HasSubstr("a &amp; b"));
}

TEST(Stacked, HasRoomForAll) {
  const Drawing a{"a", 100, 50, "<a/>"}, b{"b", 80, 20, "<b/>"};
  const Drawing below = stacked("both", {a, b});
  EXPECT_EQ(below.width, 100);
  EXPECT_EQ(below.height, 70);
  EXPECT_THAT(below.body, HasSubstr("translate(0 50)"));
  const Drawing side = beside("both", {a, b});
  EXPECT_EQ(side.width, 180);
  EXPECT_EQ(side.height, 50);
}

}  // namespace
}  // namespace snn::report
