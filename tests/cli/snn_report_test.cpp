#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/program_test.h"
#include "text/shell.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SnnReport : public ProgramTest {
 protected:
  void SetUp() override { train_as("a"); }

  void train_as(const std::string& name) const {
    const ProcessResult result =
        train(small_training() + Words{"--run-name", name, "--no-report", "-e", "1"});
    ASSERT_EQ(result.code, 0) << result.err;
  }
  std::string page(const std::string& name) const { return bytes_of(path(name)); }
};

TEST_F(SnnReport, MakesPageAndPicturesOfARun) {
  const ProcessResult result = report({"runs/latest"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "runs/latest/report.html\n");
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(page("runs/a/report.html"), AllOf(HasSubstr("<h1>a</h1>"), HasSubstr("<image ")));
  for (const char* name :
       {"loss", "accuracy", "spikes", "silent", "confusion", "classes", "mistakes"}) {
    EXPECT_THAT(page("runs/a/pictures/" + std::string(name) + ".svg"), StartsWith("<?xml"));
  }
}

TEST_F(SnnReport, MakesTheSamePageAsTheTraining) {
  ASSERT_EQ(train(small_training() + Words{"--run-name", "b"}).code, 0);
  const std::string made = page("runs/b/report.html");
  ASSERT_EQ(report({"runs/b"}).code, 0);
  EXPECT_EQ(page("runs/b/report.html"), made);
}

TEST_F(SnnReport, ComparesSeveralRuns) {
  train_as("b");
  const ProcessResult result = report({"runs/a", "runs/b"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "runs/a/report.html\nruns/b/report.html\ncomparison.html\n");
  EXPECT_THAT(page("comparison.html"), HasSubstr("Comparison of 2 runs"));
  EXPECT_EQ(report({"runs/a", "runs/b", "--out", "both.html"}).code, 0);
  EXPECT_EQ(page("both.html"), page("comparison.html"));
}

TEST_F(SnnReport, WritesThePageWhereItIsTold) {
  const ProcessResult result = report({"runs/a", "--out", "a.html"});
  EXPECT_EQ(result.out, "a.html\n");
  EXPECT_FALSE(fs::exists(path("runs/a/report.html")));
  EXPECT_FALSE(fs::exists(path("runs/a/pictures")));
  EXPECT_THAT(page("a.html"), StartsWith("<!DOCTYPE html>"));
}

TEST_F(SnnReport, DoesWithoutTheImages) {
  // The run's own files record the folder of the data.
  for (const char* file : {"runs/a/config.yaml", "runs/a/summary.json"}) {
    std::string text = page(file);
    std::size_t at = 0;
    while ((at = text.find(fixture())) != std::string::npos)
      text.replace(at, fixture().size(), "gone");
    write_text(path(file), text);
  }
  const ProcessResult result = report({"runs/a"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(
      page("runs/a/report.html"),
      HasSubstr(
          "not shown: runs/a/checkpoints/last.safetensors: the data of its run were not found"));
  const ProcessResult wrong = report({"runs/a", "--data-dir", "nowhere"});
  EXPECT_EQ(wrong.code, 3) << "where the user says where they are, they must be there";
  EXPECT_THAT(wrong.err, StartsWith("snn-report: the mnist test files"));
  EXPECT_EQ(report({"runs/a", "--data-dir", fixture()}).code, 0);
  EXPECT_THAT(page("runs/a/report.html"), HasSubstr("<image "));
}

TEST_F(SnnReport, SaysWhatIsWrongWithTheCommandLine) {
  const std::string hint = "; try: " + shell_word(SNN_REPORT_BINARY) + " runs/latest\n";
  const std::vector<std::pair<Words, std::string>> cases = {
      {{}, "snn-report: expected the folder of a run, found nothing" + hint},
      {{"nowhere"}, "snn-report: nowhere: no such folder" + hint},
      {{"runs"},
       "snn-report: runs: not the folder of a run or sweep: it has no metrics.csv" + hint},
      {{"runs/a", "--out", "no/such.html"}, "snn-report: --out: there is no folder no\n"},
      {{"runs/a", "--out", "runs"}, "snn-report: --out: expected a file, found 'runs'\n"},
      {{"runs/a", "--outt", "x"}, "snn-report: --outt: unknown option (did you mean --out?)\n"}};
  for (const auto& [words, message] : cases) {
    const ProcessResult result = report(words);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_EQ(result.err, message);
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(SnnReport, WritesNothingWhereOneOfItsRunsIsDamaged) {
  train_as("b");
  for (const char* file : {"metrics.csv", "summary.json", "predictions.csv"}) {
    const std::string good = page("runs/b/" + std::string(file));
    write_text(path("runs/b") / file, good.substr(0, good.size() / 2));
    const ProcessResult result = report({"runs/a", "runs/b"});
    EXPECT_EQ(result.code, 5) << file;
    EXPECT_THAT(result.err, StartsWith("snn-report: runs/b/" + std::string(file))) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
    EXPECT_FALSE(fs::exists(path("runs/a/report.html")));
    write_text(path("runs/b") / file, good);
  }
}

TEST_F(SnnReport, SaysThatAConfigurationIsDamaged) {
  const std::string good = page("runs/a/config.yaml");
  for (const std::string damage : {"beta: [\n", "no-such: 3\n"}) {
    write_text(path("runs/a/config.yaml"), good + damage);
    const ProcessResult result = report({"runs/a"});
    EXPECT_EQ(result.code, 5) << damage;
    EXPECT_THAT(result.err, StartsWith("snn-report: runs/a/config.yaml line ")) << result.err;
  }
}

TEST_F(SnnReport, SaysWhatItCannotWrite) {
  fs::create_directories(path("runs/a/pictures/loss.svg.tmp/something"));
  const ProcessResult result = report({"runs/a"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err, "snn-report: cannot write runs/a/pictures/loss.svg: Is a directory\n");
}

TEST_F(SnnReport, PrintsHelpWithExamples) {
  const ProcessResult help = report({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("Usage: snn-report RUN_OR_SWEEP_DIR... [flags]"),
                              HasSubstr("snn-report runs/latest"), HasSubstr("Exit status:")));
}

}  // namespace
}  // namespace snn::cli
