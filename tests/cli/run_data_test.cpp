// Programs use the data of a run itself, and different data only if the user requests them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program_test.h"
#include "support/own_data.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A run r trained on the user's own images in own/, with different images in a usual place that
// have the same name and labels.
class RunData : public ProgramTest {
 protected:
  void SetUp() override {
    write_own_data(path("own"));
    write_own_data(path("data/mnist"), {.shade = 20});
  }

  static Words short_training(const std::string& data_dir) {
    return {"--data-dir", data_dir, "--run-name", "r",  "--hidden", "12",   "-T",
            "4",          "-b",     "16",         "-e", "2",        "--lr", "0.01"};
  }
  void train_run(const std::string& data_dir = "own") const {
    const ProcessResult result = train(short_training(data_dir));
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr(data_dir + ": 60 training, 40 test images (own files)"));
  }
  double accuracy_of_run() const {
    return parse(bytes_of(path("runs/r/summary.json")))["test_accuracy"];
  }
  // Evaluates the run, and expects its own data and the accuracy that it reports.
  void expect_own_data(const Words& words, const fs::path& folder, const fs::path& from = {}) {
    const ProcessResult result = eval(words + Words{"--json"}, {.folder = from});
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    const auto json = parse(result.out);
    EXPECT_EQ(json["is_run_data"], true);
    EXPECT_EQ(json["is_published_data"], false);
    EXPECT_EQ(json["total"], 40);
    EXPECT_EQ(json["accuracy"], accuracy_of_run());
    EXPECT_TRUE(fs::equivalent(
        fs::path(from.empty() ? path("") : from) / json["data_directory"].get<std::string>(),
        folder));
  }
};

TEST_F(RunData, IsWhatEvaluationTakes) {
  train_run();
  const ProcessResult text = eval({"runs/r"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("data        mnist test in " + path("own").string() +
                                  ", 40 images (own files)\n"));
  expect_own_data({"runs/latest"}, path("own"));
  expect_own_data({"runs/r/checkpoints/last.safetensors"}, path("own"));
  const auto other_part = parse(eval({"runs/r", "--split", "train", "--json"}).out);
  EXPECT_EQ(other_part["total"], 60);
  EXPECT_EQ(other_part["is_run_data"], true);
}

TEST_F(RunData, IsFoundFromElsewhere) {
  train_run();
  fs::create_directories(path("far/away"));
  expect_own_data({"../../runs/r"}, path("own"), path("far/away"));
}

TEST_F(RunData, IsFoundWithTheFolderThatBothMovedIn) {
  fs::create_directories(path("project"));
  fs::rename(path("own"), path("project/own"));
  const ProcessResult trained = train(short_training("own"), {.folder = path("project")});
  ASSERT_EQ(trained.code, 0) << trained.err;
  fs::rename(path("project"), path("moved"));
  const ProcessResult result = eval({"moved/runs/r", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(parse(result.out)["is_run_data"], true);
}

// Version 0.1 recorded data-dir as it was given.
TEST_F(RunData, IsFoundByARelativePathOfOldRuns) {
  train_run();
  std::string config = bytes_of(path("runs/r/config.yaml"));
  const std::string absolute = path("own").string();
  const std::size_t at = config.find(absolute);
  ASSERT_NE(at, std::string::npos) << config;
  write_text(path("runs/r/config.yaml"), config.replace(at, absolute.size(), "own"));
  fs::remove(path("runs/r/summary.json"));
  fs::create_directories(path("far"));
  const ProcessResult result = eval({"../runs/r", "--json"}, {.folder = path("far")});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(parse(result.out)["is_run_data"], true);
}

TEST_F(RunData, IsNotReplacedByOthers) {
  train_run();
  fs::rename(path("own"), path("hidden"));
  for (const Words& words : {Words{"runs/r"}, Words{"runs/r", "--split", "train"},
                             Words{"runs/r", "--image", "0"}, Words{"runs/r", "--json"}}) {
    const ProcessResult result = eval(words);
    EXPECT_EQ(result.code, 3);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, AllOf(HasSubstr("the data of its run were not found: expected mnist "),
                                  HasSubstr("(they were in " + path("own").string() + ")"),
                                  HasSubstr("/data/mnist; give"), HasSubstr("--data-dir DIR\n"),
                                  Not(HasSubstr("get-data.sh"))));
  }
  const ProcessResult resumed = train({"--resume", "runs/r", "-e", "3"});
  EXPECT_EQ(resumed.code, 3);
  EXPECT_THAT(resumed.err, HasSubstr("the data of its run were not found"));
  const ProcessResult report_result = report({"runs/r"});
  EXPECT_EQ(report_result.code, 0) << report_result.err;
  EXPECT_THAT(bytes_of(path("runs/r/report.html")), HasSubstr("are not shown: "));

  const ProcessResult found = eval({"runs/r", "--data-dir", "hidden", "--json"});
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.err, "") << "they are the run's, wherever they lie";
  EXPECT_EQ(parse(found.out)["accuracy"], accuracy_of_run());
}

TEST_F(RunData, GivesWayToOthersOnPurposeWithAWord) {
  train_run();
  const std::string note = "snn-eval: note: evaluating different data than the run's: crc32:";
  for (const Words& words : {Words{"--data-dir", "data"}, Words{"--dataset", "mnist"}}) {
    const ProcessResult text = eval(Words{"runs/r"} + words);
    EXPECT_EQ(text.code, 0) << text.err;
    EXPECT_THAT(text.err, HasSubstr(note));
    EXPECT_THAT(text.out, HasSubstr("in data/mnist, 40 images (own files), not the run's\n"));
    const ProcessResult json = eval(Words{"runs/r", "--json"} + words);
    EXPECT_EQ(parse(json.out)["is_run_data"], false);
    EXPECT_THAT(eval(Words{"runs/r", "--image", "1"} + words).err, HasSubstr(note));
  }
  const ProcessResult report_result = report({"runs/r", "--data-dir", "data"});
  EXPECT_EQ(report_result.code, 3);
  EXPECT_THAT(report_result.err,
              HasSubstr("data/mnist does not hold the images that this run was tested on"));
}

TEST_F(RunData, OfAnotherShapeOrOtherClassesIsRefused) {
  train_run();
  write_own_data(path("long"), {.rows = 14, .columns = 56});
  write_own_data(path("letters"), {.first_label = 1, .last_label = 26});
  const ProcessResult shape = eval({"runs/r", "--data-dir", "long"});
  EXPECT_EQ(shape.code, 3);
  EXPECT_EQ(shape.err,
            "snn-eval: long/t10k-images-idx3-ubyte has images of 14 x 56 in 10 classes, but the "
            "network 784-12-10 takes images of 28 x 28 in 10 classes\n");
  const ProcessResult classes = eval({"runs/r", "--data-dir", "letters"});
  EXPECT_EQ(classes.code, 3);
  EXPECT_THAT(classes.err, HasSubstr("images of 28 x 28 in 27 classes, but"));
}

TEST_F(RunData, IsWhatGoesOn) {
  train_run();
  fs::create_directories(path("far"));
  const ProcessResult result = train({"--resume", "../runs/r", "-e", "3"}, {.folder = path("far")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("mnist in " + path("own").string() + ": "));
  // The output has the same bytes as that of a run that was never interrupted.
  const ProcessResult whole =
      train(short_training("own") + Words{"-e", "3", "--run-name", "whole"});
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_EQ(bytes_of(path("runs/r/checkpoints/last.safetensors")),
            bytes_of(path("runs/whole/checkpoints/last.safetensors")));
}

TEST_F(RunData, MayBeSeenForAnotherNumberOfSteps) {
  train_run();
  const ProcessResult same = eval({"runs/r", "--steps", "4"});
  EXPECT_EQ(same.err, "");
  const ProcessResult fewer = eval({"runs/r", "-T", "1", "--json"});
  EXPECT_EQ(fewer.code, 0) << fewer.err;
  EXPECT_EQ(fewer.err, "snn-eval: note: T = 1, trained with T = 4\n");
  const auto json = parse(fewer.out);
  EXPECT_EQ(json["steps"], 1);
  // A neuron spikes at most once per step.
  for (const auto& layer : json["layers"]) EXPECT_LE(layer["spikes_per_neuron"], 1);
}

}  // namespace
}  // namespace snn::cli
