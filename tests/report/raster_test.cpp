#include "report/raster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace snn::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kSteps = 10;

// Neuron i spikes in its first counts[i] steps; its membrane potential is its number, its current
// half of that.
ShownLayer layer(const std::string& name, const std::vector<int>& counts) {
  ShownLayer shown;
  shown.name = name;
  shown.thresholds = {1.5F};
  shown.activity.neurons = static_cast<std::int64_t>(counts.size());
  for (int t = 0; t < kSteps; ++t) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      shown.activity.spikes.push_back(t < counts[i] ? 1 : 0);
      shown.activity.membrane.push_back(static_cast<float>(i));
      shown.activity.current.push_back(static_cast<float>(i) / 2);
    }
  }
  return shown;
}

Drawing drawing_of(const std::vector<ShownLayer>& layers, const std::vector<double>& counts) {
  ShownAnswer answer;
  answer.image = {1, 2, {0, 255}};
  answer.title = "image 3: label b, prediction a";
  answer.counts = counts;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    answer.class_names.push_back(std::string(1, static_cast<char>('a' + i)));
  }
  answer.label = 1;
  return draw_activity(answer, layers, 500);
}

// The neurons with labelled lines, in their order in the picture.
std::string names_after(const std::string& body, const std::string& heading) {
  const std::size_t begin = body.find(heading);
  EXPECT_NE(begin, std::string::npos) << heading;
  const std::string part = body.substr(begin, body.find(">spikes of", begin) - begin);
  const std::regex name("<title>([^<]*)</title>");
  std::string names;
  for (std::sregex_iterator each(part.begin(), part.end(), name), end; each != end; ++each) {
    names += (*each)[1].str() + " ";
  }
  return names;
}

TEST(DrawActivity, ShowsTheImageAndEachLayer) {
  ShownLayer output = layer("lif2", {4, 2});
  output.neuron_names = {"a", "b"};
  const Drawing drawing = drawing_of({layer("lif1", {0, 3, 10}), output}, {4, 2});
  EXPECT_EQ(drawing.width, 500);
  EXPECT_THAT(drawing.body,
              AllOf(HasSubstr("data:image/png;base64,"), HasSubstr(">image 3: label b, "),
                    HasSubstr(">lif1, 3 neurons<"), HasSubstr(">spikes of all neurons: 13<"),
                    HasSubstr(">lif2, 2 neurons<"), HasSubstr(">spikes of all neurons: 6<"),
                    HasSubstr(">threshold<"), HasSubstr(">time (steps)<")));
  // The spikes of the label's class are drawn in orange.
  EXPECT_THAT(drawing.body, HasSubstr("<path class=\"spike s1\""));
}

TEST(DrawActivity, TracesHiddenNeuronsThatSpikeNowAndThen) {
  // Neuron 0 never spikes, neuron 1 always, the others 9, 8 … 1 times.
  const std::vector<int> counts = {0, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  const std::string body = drawing_of({layer("lif1", counts), layer("lif2", {1, 0})}, {1, 0}).body;
  EXPECT_THAT(names_after(body, ">membrane of 5 that spike at times<"), "10 8 6 4 2 ");
}

TEST(DrawActivity, TracesTheFirstNeuronsWhereNoneSpikesNowAndThen) {
  const std::string body =
      drawing_of({layer("lif1", {0, 0, 10, 0, 0, 0, 0}), layer("lif2", {1, 0})}, {1, 0}).body;
  EXPECT_THAT(names_after(body, ">current of the most active<"), HasSubstr("4 3 2 1 0 "));
}

TEST(DrawActivity, TracesTheLabelsNeuronAmongTheMostActive) {
  const std::vector<int> counts = {9, 0, 8, 7, 6, 5};
  const std::string body =
      drawing_of({layer("lif1", {1}), layer("lif2", counts)}, {9, 0, 8, 7, 6, 5}).body;
  EXPECT_THAT(names_after(body, ">membrane of the label and the most active<"), "4 3 2 1 0 ");
}

TEST(DrawActivity, LeavesOutThresholdsThatDiffer) {
  ShownLayer hidden = layer("lif1", {1, 2}), output = layer("lif2", {1, 2});
  hidden.thresholds = {1, 2};
  output.thresholds = {};
  EXPECT_THAT(drawing_of({hidden, output}, {1, 2}).body, Not(HasSubstr("threshold")));
}

// The heights of the spike marks in a drawing.
std::vector<double> mark_heights(const std::string& body) {
  const std::regex mark("M[-0-9.]+ [-0-9.]+v([0-9.]+)");
  std::vector<double> heights;
  for (std::sregex_iterator each(body.begin(), body.end(), mark), end; each != end; ++each) {
    heights.push_back(std::stod((*each)[1]));
  }
  return heights;
}

TEST(DrawActivity, DrawsMarksNoHigherThanARow) {
  for (const int neurons : {2, 10, 11, 100, 200, 500, 600}) {
    const std::vector<int> counts(static_cast<std::size_t>(neurons), 1);
    const ShownLayer output = layer("lif2", {0, 0});
    const Drawing drawing = drawing_of({layer("lif1", counts), output}, {1, 1});
    const std::vector<double> heights = mark_heights(drawing.body);
    ASSERT_EQ(heights.size(), counts.size());
    // The marks of one step, placed end to end, fill at most the panel.
    const Drawing lower = drawing_of({layer("lif1", {1}), output}, {1, 1});
    const double panel = drawing.height - lower.height + 15;
    const double row = panel / neurons;
    EXPECT_GE(row, 1) << neurons;
    EXPECT_LE(heights[0], row + 0.05) << neurons;
    EXPECT_GE(heights[0], 0.8 * row - 0.05) << neurons;
  }
}

TEST(DrawActivity, ShowsSomeOfVeryMany) {
  std::vector<int> counts(1300, 0);
  counts[1299] = 3;  // the 434th of every 3rd neuron is 1299
  counts[1298] = 5;
  const std::string body = drawing_of({layer("lif1", counts), layer("lif2", {1, 1})}, {1, 1}).body;
  EXPECT_THAT(body, AllOf(HasSubstr(">lif1, 1,300 neurons<"),
                          HasSubstr(">spikes of every 3rd neuron: 3<"), HasSubstr(">1,200<")));
}

TEST(DrawActivity, ShowsTheShareThatSpikesInEachStep) {
  // All three neurons spike at step 0, two at 1 and 2, then one, and none at the end.
  const std::string body =
      drawing_of({layer("lif1", {1, 3, 9}), layer("lif2", {1, 1})}, {1, 1}).body;
  const std::string heading = ">neurons that spike (%)<";
  EXPECT_THAT(body, HasSubstr(heading));
  const std::size_t begin = body.find("<path class=\"s0 line\" d=\"M", body.find(heading));
  const std::string line = body.substr(begin + 27, body.find("\"/>", begin) - begin - 27);
  std::vector<double> heights;
  const std::regex point("[ML]?[-0-9.]+ ([-0-9.]+)");
  for (std::sregex_iterator each(line.begin(), line.end(), point), end; each != end; ++each) {
    heights.push_back(std::stod((*each)[1]));
  }
  ASSERT_EQ(heights.size(), 10U) << line;
  const double all = heights[0], none = heights[9];
  EXPECT_NEAR(none - all, 40, 0.1) << "the axis is from 0 to 100 %";
  EXPECT_NEAR((none - heights[1]) / (none - all), 2.0 / 3, 0.01);
  EXPECT_NEAR((none - heights[3]) / (none - all), 1.0 / 3, 0.01);
}

}  // namespace
}  // namespace snn::report
