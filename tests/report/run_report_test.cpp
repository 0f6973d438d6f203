#include "report/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "report/chart.h"
#include "report/xml.h"
#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "snn/train/option.h"
#include "support/error_of.h"
#include "support/temporary_directory.h"

namespace snn::report {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

MetricsRow row_of(std::int64_t epoch) {
  MetricsRow row;
  row.epoch = epoch;
  const double e = static_cast<double>(epoch);
  if (epoch > 0) row.train = {2 / (1 + e), 0.8 + 0.01 * e};
  row.test = {3 / (1 + e), epoch > 0 ? 0.9 : 0.1042};
  row.spikes_per_neuron = {1 + e, 2};
  row.silent_fraction = {0.25, 0};
  if (epoch > 0) row.seconds = 1.5;
  return row;
}

// A run of two epochs of a network with two layers, in which two of the four test images are
// misclassified.
RunFiles small_run() {
  RunFiles run;
  run.name = "mnist-0001";
  run.layers = 2;
  run.rows = {row_of(0), row_of(1), row_of(2)};
  set_option(run.config, "beta", "0.5");
  run.config.epochs = 2;
  run.summary = Json::parse(
      R"({"outcome":"finished","test_accuracy":0.5,"network":"784-500-10","best_epoch":null,
          "spikes_per_neuron":[1.23456,2]})");
  const auto spikes = [](std::size_t most) {
    std::vector<double> counts(10, 1.0);
    counts[most] = 5;
    return counts;
  };
  run.predictions = {
      {0, 7, 7, spikes(7)}, {1, 2, 3, spikes(3)}, {2, 1, 1, spikes(1)}, {3, 0, 9, spikes(9)}};
  run.predictions[3].spikes[9] = 20;
  return run;
}

Dataset four_images() {
  Dataset dataset;
  dataset.shape = {1, 2, 2};
  dataset.classes = 10;
  dataset.labels = {7, 2, 1, 0};
  dataset.values.assign(16, 100);
  dataset.class_names = class_names(DatasetName::kMnist);
  dataset.directory = "somewhere";
  return dataset;
}

std::vector<std::string> names_of(const Report& report) {
  std::vector<std::string> names;
  for (const Picture& picture : report.pictures) names.push_back(picture.name);
  return names;
}

const Drawing& picture(const Report& report, const std::string& name) {
  for (const Picture& each : report.pictures) {
    if (each.name == name) return each.drawing;
  }
  throw std::runtime_error("no picture " + name);
}

TEST(RunReport, HasEveryPictureOfAFinishedRun) {
  const Dataset images = four_images();
  const Report report = report_run(small_run(), {&images});
  EXPECT_THAT(names_of(report), ElementsAre("loss", "accuracy", "spikes", "silent", "confusion",
                                            "mistakes", "classes"));
  for (const Picture& each : report.pictures) {
    EXPECT_EQ(xml_problem(svg_file(each.drawing)), "") << each.name;
    EXPECT_THAT(report.html, HasSubstr(each.drawing.body)) << each.name;
  }
}

TEST(RunReport, NeedsNothingFromElsewhere) {
  const Dataset images = four_images();
  const std::string html = report_run(small_run(), {&images}).html;
  const std::regex reference("(href|src)=\"([^\"]*)\"|url\\(|@import|<script");
  for (std::sregex_iterator i(html.begin(), html.end(), reference), end; i != end; ++i) {
    EXPECT_THAT((*i)[2].str(), testing::StartsWith("data:"));
  }
}

TEST(RunReport, SaysWhatTheRunGave) {
  const std::string html = report_run(small_run(), {}).html;
  EXPECT_THAT(html, AllOf(HasSubstr("<dd>50.00 %</dd>"), HasSubstr("<dd>10.42 %</dd>"),
                          HasSubstr("<dd>2 of 2</dd>"), HasSubstr("<dd>3.0 s</dd>"),
                          HasSubstr("784-500-10 on mnist, T = 25")));
  EXPECT_THAT(html, HasSubstr("<td class=\"text\">1.235, 2</td>"));
}

TEST(RunReport, ShowsChangedOptionsBeforeAllOthers) {
  const std::string html = report_run(small_run(), {}).html;
  const std::size_t changed = html.find(
      "<td class=\"text\">beta</td><td class=\"text\">0.5</td>"
      "<td class=\"text\">0.95</td>");
  ASSERT_NE(changed, std::string::npos);
  EXPECT_LT(changed, html.find("<details>"));
  const std::string rest = html.substr(html.find("<details>"));
  for (const Option& option : options()) {
    const bool is_changed = option.name == "beta" || option.name == "epochs";
    EXPECT_EQ(rest.find(">" + option.name + "<") == std::string::npos, is_changed) << option.name;
  }
}

TEST(RunReport, TellsCurvesApartByNames) {
  const Report report = report_run(small_run(), {});
  EXPECT_THAT(picture(report, "loss").body,
              AllOf(HasSubstr(">train</text>"), HasSubstr(">test</text>"),
                    Not(HasSubstr(">validation</text>"))));
  EXPECT_THAT(picture(report, "spikes").body,
              AllOf(HasSubstr(">lif1</text>"), HasSubstr(">lif2</text>")));
  EXPECT_THAT(picture(report, "accuracy").body, HasSubstr("before training 10.42 %"));
  RunFiles validated = small_run();
  for (MetricsRow& row : validated.rows) row.validation = {1.0, 0.9};
  EXPECT_THAT(picture(report_run(validated, {}), "loss").body, HasSubstr(">validation</text>"));
}

TEST(RunReport, ShowsTheMostCertainMistakesFirst) {
  const Dataset images = four_images();
  const std::string body = picture(report_run(small_run(), {&images}), "mistakes").body;
  ASSERT_NE(body.find("0 → 9"), std::string::npos);
  EXPECT_LT(body.find("0 → 9"), body.find("2 → 3"));
}

TEST(RunReport, SpeaksOfNoSpikesWhereThereAreNone) {
  const Dataset images = four_images();
  RunFiles run = small_run();
  EXPECT_THAT(report_run(run, {&images}).html,
              HasSubstr("how far the spike count of the predicted"));
  run.config.neuron = kKindOf<ReluOptions>;
  const Report ordinary = report_run(run, {&images});
  EXPECT_THAT(ordinary.html,
              HasSubstr("how far the output of the predicted class exceeds the label's"));
  for (const char* name : {"spikes", "silent"}) {
    EXPECT_THAT(picture(ordinary, name).body, AllOf(HasSubstr("active"), Not(HasSubstr("spike"))));
  }
  run.config.layers =
      R"([{"linear":{"outputs":500},"relu":{}},{"linear":{"outputs":10},"leaky":{}}])";
  const Report mixed = report_run(run, {&images});
  EXPECT_THAT(mixed.html, HasSubstr("how far the spike count of the predicted"));
  EXPECT_THAT(picture(mixed, "spikes").body,
              AllOf(HasSubstr("active steps per neuron"), HasSubstr(">relu1</text>"),
                    HasSubstr(">lif2</text>")));
}

TEST(RunReport, CallsClassesAsPeopleDo) {
  RunFiles run = small_run();
  run.config.dataset = DatasetName::kFashionMnist;
  EXPECT_THAT(picture(report_run(run, {}), "confusion").body, HasSubstr(">7 Sneaker</text>"));
}

TEST(RunReport, SaysWhyThereAreNoImages) {
  const Report missing = report_run(small_run(), {nullptr, "the files were not found"});
  EXPECT_THAT(missing.html, HasSubstr("not shown: the files were not found"));
  EXPECT_THAT(names_of(missing), Not(testing::Contains("mistakes")));
  Dataset other = four_images();
  other.labels[1] = 9;
  EXPECT_THAT(report_run(small_run(), {&other}).html,
              HasSubstr("somewhere does not hold the images that this run was tested on"));
  other.labels.resize(2);
  EXPECT_THAT(names_of(report_run(small_run(), {&other})), Not(testing::Contains("mistakes")));
}

TEST(RunReport, ShowsNoImagesOfAnswersThatTheDataSetDoesNotHave) {
  RunFiles run = small_run();
  for (Prediction& each : run.predictions) each.spikes.resize(12);
  run.predictions[1].prediction = 11;
  const Dataset images = four_images();
  EXPECT_THAT(names_of(report_run(run, {&images})), Not(testing::Contains("mistakes")));
}

TEST(RunReport, ShowsWhateverTheSummaryHolds) {
  RunFiles run = small_run();
  (*run.summary)["train_loss"] = 6.4e33;
  (*run.summary)["test_loss"] = -1234.5;
  constexpr std::size_t kDepth = 200'000;
  (*run.summary)["nested"] = Json::parse(std::string(kDepth, '[') + std::string(kDepth, ']'));
  EXPECT_THAT(report_run(run, {}).html,
              AllOf(HasSubstr(">6.4e+33<"), HasSubstr(">-1,235<"), HasSubstr(">…<")));
}

TEST(RunReport, OfAPerfectRunHasNoMistakes) {
  RunFiles run = small_run();
  run.predictions.resize(1);
  EXPECT_THAT(report_run(run, {}).html, HasSubstr("Every test image was classified correctly"));
}

TEST(RunReport, OfAnUnfinishedRunHasItsCurves) {
  RunFiles run = small_run();
  run.summary.reset();
  run.predictions.clear();
  run.rows.resize(1);
  const Report report = report_run(run, {});
  EXPECT_THAT(names_of(report), ElementsAre("loss", "accuracy", "spikes", "silent"));
  EXPECT_THAT(report.html, HasSubstr("not finished; these are its curves up to epoch 0"));
  EXPECT_THAT(report.html, HasSubstr("test accuracy so far"));
}

TEST(RunReport, SaysThatItsRunDiverged) {
  RunFiles run = small_run();
  (*run.summary)["outcome"] = "diverged";
  run.predictions.clear();
  EXPECT_THAT(report_run(run, {}).html, HasSubstr("diverged after epoch 2"));
}

TEST(RunReport, EscapesWhatItQuotes) {
  RunFiles run = small_run();
  run.name = "<b>&\"";
  run.config.data_dir = "<script>";
  const std::string html = report_run(run, {}).html;
  EXPECT_THAT(html, HasSubstr("<h1>&lt;b&gt;&amp;&quot;</h1>"));
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
}

TEST(CompareRuns, ShowsCurvesByNameAndWhatDiffers) {
  std::vector<RunFiles> runs = {small_run(), small_run()};
  runs[1].name = "other";
  set_option(runs[1].config, "beta", "0.75");
  runs[1].summary.reset();
  const std::string html = compare_runs(runs);
  EXPECT_THAT(html, AllOf(HasSubstr(">other</text>"), HasSubstr(">mnist-0001</text>"),
                          HasSubstr("<td>0.5</td>"), HasSubstr("<td>0.75</td>"),
                          HasSubstr("<td>unfinished</td>")));
  EXPECT_THAT(html, Not(HasSubstr("<th>hidden</th>"))) << "it is the same in both";
}

// ---- reading

class ReadRun : public testing::Test {
 protected:
  ReadRun() {
    const RunFiles run = small_run();
    write("config.yaml", to_yaml(run.config));
    write("metrics.csv", metrics_to_csv(run.rows, run.layers));
    write("summary.json", run.summary->dump());
    write("predictions.csv", predictions_to_csv(run.predictions, 10));
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }
  void remove(const std::string& name) const { fs::remove(folder_.path() / name); }
  std::string refusal(ExitCode code) const {
    return error_of(code, [&] { read_run(folder_.path()); });
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  TemporaryDirectory folder_;
};

TEST_F(ReadRun, TakesWhatTheFilesSay) {
  const RunFiles run = read_run(folder_.path());
  EXPECT_EQ(run.name, folder_.path().filename());
  EXPECT_EQ(run.rows, small_run().rows);
  EXPECT_EQ(run.config, small_run().config);
  EXPECT_EQ(run.predictions, small_run().predictions);
  EXPECT_EQ(run.number("test_accuracy"), 0.5);
  EXPECT_EQ(run.number("best_epoch"), std::nullopt);
  EXPECT_EQ(run.outcome(), Outcome::kFinished);
}

TEST_F(ReadRun, FindsMetricsUnderTheirKeysOfVersion01) {
  const RunFiles run = read_run(std::string(SNN_TEST_DATA_DIR) + "/run-before-decision");
  EXPECT_GT(run.rows[1].samples_per_second, 254243);
  EXPECT_GT(run.number("samples_per_second"), 349436);
}

TEST_F(ReadRun, IsContentWithoutSummaryAndPredictions) {
  remove("summary.json");
  remove("predictions.csv");
  const RunFiles run = read_run(folder_.path());
  EXPECT_EQ(run.outcome(), std::nullopt);
  EXPECT_TRUE(run.predictions.empty());
}

TEST_F(ReadRun, RefusesWhatIsMissingOrDamaged) {
  EXPECT_THAT(error_of(ExitCode::kUsage, [] { read_run("no/such"); }),
              testing::AllOf(HasSubstr("no/such: no such folder; try: "),
                             testing::EndsWith("snn-report runs/latest")));
  write("predictions.csv", "image,lab");
  EXPECT_THAT(refusal(ExitCode::kCheckpoint), HasSubstr(path("predictions.csv") + " line 1: "));
  write("summary.json", "{\"outcome\":");
  EXPECT_EQ(refusal(ExitCode::kCheckpoint),
            path("summary.json") + ": damaged: expected a JSON object");
  write("metrics.csv", "epoch,step\n0,0\n");
  EXPECT_THAT(refusal(ExitCode::kCheckpoint), HasSubstr(path("metrics.csv") + " line 1: "));
  write("metrics.csv", metrics_to_csv({}, 2));
  EXPECT_EQ(refusal(ExitCode::kCheckpoint), path("metrics.csv") + ": no epoch is finished yet");
  write("config.yaml", "bta: 1\n");
  EXPECT_THAT(refusal(ExitCode::kCheckpoint),
              HasSubstr("config.yaml line 1: unknown option 'bta'"));
  remove("config.yaml");
  EXPECT_EQ(refusal(ExitCode::kCheckpoint), path("config.yaml") + ": no such file");
  remove("metrics.csv");
  EXPECT_THAT(refusal(ExitCode::kUsage), HasSubstr("not the folder of a run or sweep"));
}

TEST_F(ReadRun, WritesTheReportIntoTheFolder) {
  write_run_report(folder_.path(), four_images());
  EXPECT_TRUE(fs::exists(path("report.html")));
  EXPECT_TRUE(fs::exists(path("pictures/mistakes.svg")));
  EXPECT_EQ(std::distance(fs::directory_iterator(path("pictures")), {}), 7);
}

}  // namespace
}  // namespace snn::report
