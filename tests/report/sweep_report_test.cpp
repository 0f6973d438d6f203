#include "report/sweep_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "numeric/spread.h"
#include "report/curves.h"
#include "report/parallel.h"
#include "report/xml.h"
#include "snn/train/config_text.h"
#include "snn/train/settings.h"
#include "support/error_of.h"
#include "support/temporary_directory.h"

namespace snn::report {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A folder as written by snn-sweep.
class SweepReport : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }

  // Writes a run of two epochs with the final accuracy `accuracy`.
  void write_run(const std::string& name, double accuracy, const std::string& network) const {
    std::vector<MetricsRow> rows;
    for (const int epoch : {0, 1, 2}) {
      MetricsRow& row = rows.emplace_back();
      row.epoch = epoch;
      row.test = {3.0 / (1 + epoch), epoch == 0 ? 0.1 : accuracy - 0.02 * (2 - epoch)};
      row.spikes_per_neuron = {2, 1};
      row.silent_fraction = {0, 0};
      if (epoch > 0) row.seconds = 1.5;
    }
    const std::string folder = "runs/" + name;
    write(folder + "/config.yaml", to_yaml(Config{}));
    write(folder + "/metrics.csv", metrics_to_csv(rows, 2));
    write(folder + "/summary.json", Json({{"outcome", "finished"},
                                          {"test_accuracy", accuracy},
                                          {"network", network},
                                          {"spikes_per_neuron", {2, 1}}})
                                        .dump());
  }

  // Writes a grid over parameters of two values each, with two seeds; its last run failed.
  void write_sweep(const std::vector<std::string>& parameters) const {
    Json plan = {
        {"format_version", 1},      {"name", "study"},
        {"method", "grid"},         {"metric", {{"name", "test_accuracy"}, {"goal", "maximize"}}},
        {"parameters", parameters}, {"arguments", {"--epochs", "2"}},
        {"runs", Json::array()}};
    std::string table = "run,status,exit_code,seed,error\n";
    const int settings = 1 << parameters.size();
    for (int i = 0; i < 2 * settings; ++i) {
      Json values = Json::object();
      for (std::size_t k = 0; k < parameters.size(); ++k) {
        const bool is_second = (i / 2) >> k & 1;
        values[parameters[k]] = parameters[k] == "hidden" ? (is_second ? "800,400" : "200")
                                                          : (is_second ? "0.9" : "0.5");
      }
      const std::string name = "run=" + std::to_string(i);
      plan["runs"].push_back({{"name", name}, {"values", values}, {"seed", 1 + i % 2}});
      const bool has_failed = i == 2 * settings - 1;
      table += name + (has_failed ? ",failed,4,2,\"diverged, in epoch 1\"\n" : ",done,0,1,\n");
      if (!has_failed) write_run(name, 0.9 + 0.001 * i, "784-200-10");
    }
    write("sweep.json", plan.dump());
    write("sweep.csv", table);
  }

  Report report() const { return report_sweep(read_sweep(folder_.path())); }
  std::string refusal() const {
    return error_of(ExitCode::kCheckpoint, [&] { read_sweep(folder_.path()); });
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  TemporaryDirectory folder_;
};

std::vector<std::string> names_of(const Report& report) {
  std::vector<std::string> names;
  for (const Picture& picture : report.pictures) names.push_back(picture.name);
  return names;
}

std::string body_of(const Report& report, const std::string& name) {
  for (const Picture& picture : report.pictures) {
    if (picture.name == name) return picture.drawing.body;
  }
  return "no picture " + name;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++found;
  return found;
}

TEST_F(SweepReport, HasPicturesForTwoParameters) {
  write_sweep({"beta", "hidden"});
  const Report made = report();
  EXPECT_THAT(names_of(made),
              ElementsAre("test-accuracy-beta", "test-loss-beta", "test-accuracy-hidden",
                          "test-loss-hidden", "heat-beta-hidden", "time", "spikes"));
  for (const Picture& picture : made.pictures) {
    EXPECT_EQ(xml_problem(svg_file(picture.drawing)), "") << picture.name;
    EXPECT_THAT(made.html, HasSubstr(picture.drawing.body)) << picture.name;
  }
  EXPECT_THAT(body_of(made, "test-accuracy-hidden"), HasSubstr(">hidden 800,400</text>"));
}

TEST_F(SweepReport, HasParallelCoordinatesForThree) {
  write_sweep({"beta", "hidden", "lr"});
  const Report made = report();
  EXPECT_THAT(names_of(made), AllOf(Contains("parallel"), Contains("heat-hidden-lr")));
  const std::string body = body_of(made, "parallel");
  EXPECT_EQ(count(body, "<title>beta "), 8U);
  EXPECT_EQ(count(body, "class=\"line s1\""), 1U) << "the best stands out";
  EXPECT_THAT(body, HasSubstr("beta 0.9, hidden 800,400, lr 0.9: 91.40"));
}

TEST_F(SweepReport, TakesMeansOverSeeds) {
  write_sweep({"beta", "hidden"});
  const std::string map = body_of(report(), "heat-beta-hidden");
  // Runs 0 and 1 have 90.0 and 90.1 %; one run of the last setting has failed.
  EXPECT_THAT(map, AllOf(HasSubstr(">90.05</text>"), HasSubstr(">90.25</text>"),
                         HasSubstr(">90.45</text>"), HasSubstr(">90.60</text>")));
  // All runs have 200 * 2 + 10 * 1 spikes, which is the middle of the axis.
  EXPECT_THAT(body_of(report(), "spikes"),
              AllOf(HasSubstr(">380</text>"), HasSubstr(">440</text>")));
}

TEST_F(SweepReport, CountsSpikesByTheNeuronsOfTheLayers) {
  write_sweep({"beta", "hidden"});
  for (const auto& entry : fs::directory_iterator(folder_.path() / "runs")) {
    const fs::path summary = entry.path() / "summary.json";
    if (!fs::exists(summary)) continue;
    std::ifstream file(summary);
    Json json = Json::parse(file);
    json["network"] = "784-200-10 synaptic";
    json["layers"] = {{{"name", "lif1"}, {"kind", "synaptic"}, {"neurons", 200}},
                      {{"name", "lif2"}, {"kind", "synaptic"}, {"neurons", 10}}};
    std::ofstream(summary) << json.dump();
  }
  EXPECT_THAT(body_of(report(), "spikes"),
              AllOf(HasSubstr(">380</text>"), HasSubstr(">440</text>")));
}

TEST_F(SweepReport, GivesSmallMultiplesEqualAxes) {
  write_sweep({"beta", "hidden"});
  const std::string body = body_of(report(), "test-accuracy-beta");
  // The curves of beta 0.5 and 0.9 differ, but the labels of their axes do not.
  EXPECT_EQ(count(body, ">90</text>"), 2U) << body;
  EXPECT_EQ(count(body, "<path class=\"s0 faint\""), 7U);
  EXPECT_EQ(count(body, "<path class=\"s0 line\""), 2U);
}

TEST_F(SweepReport, ListsFailedRunsWithTheirError) {
  write_sweep({"beta", "hidden"});
  const std::string html = report().html;
  EXPECT_THAT(html, HasSubstr("<td class=\"text\">run=7</td><td class=\"text\">4</td>"
                              "<td class=\"text\">diverged, in epoch 1</td>"));
  EXPECT_THAT(html, AllOf(HasSubstr("<dt>runs done</dt><dd>7</dd>"),
                          HasSubstr("<dt>runs failed</dt><dd>1</dd>")));
}

TEST_F(SweepReport, RanksAndLinksToTheReportsThatAreThere) {
  write_sweep({"beta", "hidden"});
  write(
      "ranking.csv",
      "rank,beta,hidden,seeds,mean,sd,min,max,failed,first_run\n"
      "1,0.5,\"800,400\",2,0.9045,0.0007,0.904,0.905,0,run=4\n2,0.5,200,1,0.9,,0.9,0.9,0,run=0\n");
  write("runs/run=4/report.html", "");
  const std::string html = report().html;
  EXPECT_THAT(html, HasSubstr("<td class=\"text\">800,400</td><td>90.45</td><td>0.07</td><td>2</td>"
                              "<td><a href=\"runs/run%3D4/report.html\">report</a></td>"));
  EXPECT_THAT(html, HasSubstr("<td>90.00</td><td>–</td><td>1</td><td>run=0</td>"));
  EXPECT_THAT(html, Not(HasSubstr("runs/run%3D0/report.html")));
}

TEST_F(SweepReport, DrawsManyValuesOnANumberLine) {
  Json plan = {{"format_version", 1},  {"name", "random"},
               {"method", "random"},   {"metric", {{"name", "test_loss"}, {"goal", "minimize"}}},
               {"parameters", {"lr"}}, {"arguments", Json::array()},
               {"runs", Json::array()}};
  for (int i = 0; i < 12; ++i) {
    const std::string name = "r" + std::to_string(i);
    plan["runs"].push_back(
        {{"name", name}, {"values", {{"lr", std::to_string(std::pow(2, -i))}}}, {"seed", 1}});
    write_run(name, 0.9, "784-200-10");
    write("runs/" + name + "/summary.json",
          Json({{"outcome", "finished"}, {"test_loss", i}}).dump());
  }
  write("sweep.json", plan.dump());
  const Report made = report();
  EXPECT_THAT(names_of(made), ElementsAre("range-lr", "time"));
  EXPECT_EQ(count(body_of(made, "range-lr"), "<circle "), 12U);
  EXPECT_THAT(made.html, HasSubstr("<dd>lr 1.000000</dd>")) << "the least loss is the best";
}

TEST_F(SweepReport, ComparesWithABaselineWhatChangesOneThingAtATime) {
  Json plan = {{"format_version", 1},
               {"name", "study"},
               {"method", "grid"},
               {"metric", {{"name", "test_accuracy"}, {"goal", "maximize"}}},
               {"parameters", {"beta", "hidden", "lr"}},
               {"arguments", Json::array()},
               {"runs", Json::array()}};
  const std::vector<std::vector<std::string>> settings = {
      {"0.5", "200", "0.001"}, {"0.5", "500", "0.001"},   {"0.9", "200", "0.001"},
      {"0.9", "500", "0.001"}, {"0.9", "500", "0.00001"}, {"0.9", "500", "0.1"}};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::string name = "r" + std::to_string(i);
    const Json values = {
        {"beta", settings[i][0]}, {"hidden", settings[i][1]}, {"lr", settings[i][2]}};
    plan["runs"].push_back({{"name", name}, {"values", values}, {"seed", 1}});
    write_run(name, 0.8 + 0.01 * static_cast<double>(i), "784-200-10");
  }
  write("sweep.json", plan.dump());
  const Report made = report();
  EXPECT_THAT(made.html, HasSubstr("The baseline is beta 0.9, hidden 500, lr 0.001"));
  EXPECT_EQ(count(body_of(made, "test-accuracy-beta"), "<path class=\"s0 line\""), 2U)
      << "one run with each beta has the baseline's hidden and lr";
  EXPECT_EQ(count(body_of(made, "test-accuracy-lr"), "<path class=\"s0 line\""), 3U);
  EXPECT_THAT(names_of(made), AllOf(Contains("heat-beta-hidden"), Not(Contains("heat-beta-lr"))))
      << "a cross is no map";
  EXPECT_THAT(body_of(made, "heat-beta-hidden"), HasSubstr(">83.00</text>"));
  EXPECT_THAT(body_of(made, "time"),
              AllOf(HasSubstr("<title>baseline</title>"), HasSubstr("<title>lr 0.1</title>"),
                    HasSubstr("<title>0.5, 200</title>")));
}

TEST_F(SweepReport, OfASweepThatHasJustBegunIsAPage) {
  write_sweep({"beta", "hidden"});
  fs::remove_all(folder_.path() / "runs");
  fs::remove(folder_.path() / "sweep.csv");
  const Report made = report();
  EXPECT_TRUE(made.pictures.empty());
  EXPECT_THAT(made.html, AllOf(HasSubstr("No run has results yet"),
                               HasSubstr("<dt>runs pending</dt><dd>8</dd>")));
}

TEST_F(SweepReport, GoesOnPastADamagedRun) {
  write_sweep({"beta", "hidden"});
  write("runs/run=0/metrics.csv", "epoch,step\n0");
  const std::string html = report().html;
  EXPECT_THAT(html, HasSubstr("runs/run=0/metrics.csv line 1: expected the columns"));
  EXPECT_THAT(html, HasSubstr("90.60"));
}

TEST_F(SweepReport, RefusesDamagedFilesOfTheSweep) {
  EXPECT_EQ(refusal(), path("sweep.json") + ": no such file");
  write("sweep.json", "{");
  EXPECT_EQ(refusal(), path("sweep.json") + ": not valid JSON at byte 2");
  write("sweep.json", "{\"format_version\":1}");
  EXPECT_EQ(refusal(), path("sweep.json") + ": damaged: not the plan of a sweep");
  write("sweep.json", "{\"format_version\":2}");
  EXPECT_EQ(refusal(), path("sweep.json") + ": was written by a newer version of snn-sweep");
  write_sweep({"beta"});
  Json plan = Json::parse(std::ifstream(path("sweep.json")));
  plan["runs"][0]["name"] = "../../etc";
  write("sweep.json", plan.dump());
  EXPECT_EQ(refusal(), path("sweep.json") + ": '../../etc' is not the name of a run");
  write_sweep({"beta"});
  write("sweep.csv", "run,status\nrun=0\n");
  EXPECT_EQ(refusal(), path("sweep.csv") +
                           " line 2: expected 2 columns, found 1; re-run the sweep's snn-sweep "
                           "command to rewrite it");
}

TEST_F(SweepReport, IsSmallForManyRuns) {
  Json plan = {{"format_version", 1},
               {"name", "large"},
               {"method", "grid"},
               {"metric", {{"name", "test_accuracy"}, {"goal", "maximize"}}},
               {"parameters", {"beta", "hidden", "lr"}},
               {"arguments", Json::array()},
               {"runs", Json::array()}};
  for (int i = 0; i < 100; ++i) {
    const std::string name = "r" + std::to_string(i);
    const Json values = {{"beta", std::to_string(i % 4)},
                         {"hidden", std::to_string(i / 4 % 5)},
                         {"lr", std::to_string(i / 20)}};
    plan["runs"].push_back({{"name", name}, {"values", values}, {"seed", 1}});
    write_run(name, 0.9 + 0.0005 * i, "784-200-10");
  }
  write("sweep.json", plan.dump());
  EXPECT_LT(report().html.size(), 3'000'000U);
}

TEST_F(SweepReport, WritesPageAndPicturesIntoTheFolder) {
  write_sweep({"beta", "hidden"});
  write_sweep_report(folder_.path());
  EXPECT_TRUE(fs::exists(path("report.html")));
  EXPECT_TRUE(fs::exists(path("pictures/heat-beta-hidden.svg")));
}

TEST(SpreadOf, IsMeanAndSampleStandardDeviation) {
  const std::vector<double> four = {2, 4, 4, 6}, one = {7};
  EXPECT_DOUBLE_EQ(spread_of(four).mean, 4);
  EXPECT_DOUBLE_EQ(spread_of(four).sd, std::sqrt(8.0 / 3));
  EXPECT_DOUBLE_EQ(spread_of(one).sd, 0);
}

TEST(MeanCurve, IsThatOfEpochsThatAllHave) {
  const std::vector<Series> curves = {{"", {{1, 10}, {2, 20}}}, {"", {{1, 14}}}};
  const Series mean = mean_curve(curves);
  ASSERT_EQ(mean.points.size(), 1U);
  EXPECT_DOUBLE_EQ(mean.points[0].y, 12);
  EXPECT_THAT(mean.spread, ElementsAre(DoubleEq(std::sqrt(8.0))));
}

TEST(ParallelChart, DrawsALineAcrossAllAxes) {
  ParallelChart chart{"Settings", {{"a", {{0, "x"}, {1, "y"}}}, {"b", {}}}, {}};
  chart.lines = {{{0, 1}, "first", 1, true}, {{1, 0.5}, "second", 0, false}};
  const Drawing drawing = draw(chart);
  EXPECT_THAT(drawing.body, HasSubstr("class=\"line s1\" stroke-opacity=\"1\""));
  EXPECT_LT(drawing.body.find("<title>second"), drawing.body.find("<title>first"));
  chart.axes.push_back({"c", {}});
  EXPECT_GT(draw(chart).height, drawing.height);
  EXPECT_EQ(draw(chart).width, drawing.width) << "more axes do not make the text smaller";
}

}  // namespace
}  // namespace snn::report
