// Tests snn-eval as a user runs it, on a run of snn-train.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "cli/program_test.h"
#include "snn/text/text.h"
#include "support/idx_files.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// The test set has fewer images than available, and a validation set makes the best epoch the
// reported one.
class SnnEval : public ProgramTest {
 protected:
  void SetUp() override {
    // The run is trained once for all tests, each of which gets a copy.
    static const TemporaryDirectory trained;
    if (fs::is_empty(trained.path())) {
      const ProcessResult result =
          train(small_training() + Words{"-e", "3", "--lr", "0.01", "--validation", "20",
                                         "--limit-test", "90", "--run-name", "a"});
      ASSERT_EQ(result.code, 0) << result.err;
      fs::copy(path("runs/a"), trained.path(), fs::copy_options::recursive);
    } else {
      fs::create_directory(path("runs"));
      fs::copy(trained.path(), path("runs/a"), fs::copy_options::recursive);
    }
    summary_ = parse(bytes_of(path("runs/a/summary.json")));
  }

  // Evaluates runs/a and expects success.
  ProcessResult evaluate(const Words& more) const {
    ProcessResult result = eval(Words{"runs/a", "--data-dir", fixture()} + more);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result;
  }
  ordered_json evaluate_as_json(const Words& more = {}) const {
    return parse(evaluate(more + Words{"--json"}).out);
  }

  ordered_json summary_;
};

const std::string kBest = "runs/a/checkpoints/best.safetensors";
const std::string kLast = "runs/a/checkpoints/last.safetensors";

TEST_F(SnnEval, HelpsAndStops) {
  const ProcessResult help = eval({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_EQ(help.err, "");
  EXPECT_THAT(help.out, HasSubstr("Usage: snn-eval CHECKPOINT_OR_RUN_DIR [flags]"));
  const ProcessResult version = eval({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, AllOf(StartsWith("snn-eval "), HasSubstr("LibTorch ")));
  const ProcessResult completion = eval({"--completion", "bash"});
  EXPECT_EQ(completion.code, 0);
  write_text(path("completion"), completion.out);
  EXPECT_EQ(std::system(("bash -n " + path("completion").string()).c_str()), 0);
}

TEST_F(SnnEval, GivesExactlyTheAccuracyThatTheSummaryRecorded) {
  const ordered_json json = evaluate_as_json();
  EXPECT_EQ(json["accuracy"], summary_["test_accuracy"]);
  EXPECT_EQ(json["loss"], summary_["test_loss"]);
  EXPECT_EQ(json["checkpoint"], kBest) << "the one that the summary reports on";
  EXPECT_EQ(json["epoch"], summary_["best_epoch"]);
  EXPECT_EQ(json["total"], 90) << "the run's own limit";
  EXPECT_EQ(json["split"], "test");
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(json["layers"][i]["spikes_per_neuron"], summary_["spikes_per_neuron"][i]);
    EXPECT_EQ(json["layers"][i]["silent_fraction"], summary_["silent_fraction"][i]);
  }
}

TEST_F(SnnEval, EvaluatesTheFileItIsGiven) {
  const ProcessResult result = eval({kLast, "--data-dir", fixture(), "--json", "--threads", "1"});
  EXPECT_EQ(result.code, 0) << result.err;
  const ordered_json json = parse(result.out);
  const auto lines = split(bytes_of(path("runs/a/metrics.csv")), '\n');
  const auto header = split(lines[0], ','), row = split(lines[4], ',');
  const auto number = [&](const std::string& column) {
    double value = -1;
    const auto at = std::find(header.begin(), header.end(), column) - header.begin();
    EXPECT_TRUE(parse_real(row.at(static_cast<std::size_t>(at)), value)) << column;
    return value;
  };
  EXPECT_EQ(number("epoch"), 3);
  EXPECT_EQ(json["epoch"], 3);
  EXPECT_EQ(json["accuracy"], number("test_accuracy"));
  EXPECT_EQ(json["loss"], number("test_loss"));
  EXPECT_EQ(json["threads"], 1);
}

TEST_F(SnnEval, TakesAPathThatIsNoText) {
  const std::string name = "\xff.safetensors";
  fs::copy_file(path(kLast), path(name));
  const ProcessResult result = eval({name, "--data-dir", fixture(), "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(parse(result.out)["checkpoint"], "\ufffd.safetensors");
}

TEST_F(SnnEval, EvaluatesARunThatIsNotDone) {
  fs::remove(path("runs/a/summary.json"));
  const ordered_json json = evaluate_as_json();
  EXPECT_EQ(json["checkpoint"], kLast);
  EXPECT_EQ(json["epoch"], 3);
}

TEST_F(SnnEval, CountsByClassAndLayer) {
  const ordered_json json = evaluate_as_json();
  EXPECT_THAT(keys_of(json),
              ElementsAre("accuracy", "correct", "total", "decision", "count_accuracy",
                          "count_membrane_accuracy", "ties", "without_spikes", "loss", "classes",
                          "confusion", "layers", "learned", "samples_per_second", "seconds",
                          "checkpoint", "epoch", "batch", "weights", "network", "dataset", "split",
                          "data_directory", "data_digest", "is_published_data", "is_run_data",
                          "steps", "device", "threads", "engine", "version"));
  ASSERT_EQ(json["confusion"].size(), 10u);
  ASSERT_EQ(json["classes"].size(), 10u);
  int total = 0, correct = 0;
  for (std::size_t label = 0; label < 10; ++label) {
    const auto row = json["confusion"][label].get<std::vector<int>>();
    const ordered_json& of_class = json["classes"][label];
    ASSERT_EQ(row.size(), 10u);
    int sum = 0;
    for (const int count : row) sum += count;
    EXPECT_EQ(of_class["class"], label);
    EXPECT_EQ(of_class["name"], std::to_string(label));
    EXPECT_EQ(of_class["total"], sum);
    EXPECT_EQ(of_class["correct"], row[label]);
    EXPECT_EQ(of_class["accuracy"], static_cast<double>(row[label]) / sum);
    total += sum;
    correct += row[label];
  }
  EXPECT_EQ(total, json["total"]);
  EXPECT_EQ(correct, json["correct"]);
  EXPECT_EQ(json["accuracy"], static_cast<double>(correct) / total);
  EXPECT_GT(json["accuracy"], 0.3) << "it has learned something";

  ASSERT_EQ(json["layers"].size(), 2u);
  EXPECT_EQ(json["layers"][0]["name"], "lif1");
  EXPECT_EQ(json["layers"][0]["neurons"], 20);
  EXPECT_EQ(json["layers"][1]["neurons"], 10);
}

TEST_F(SnnEval, ReportsToAPerson) {
  const std::string out = evaluate({}).out;
  char accuracy[50];
  std::snprintf(accuracy, sizeof accuracy, "accuracy    %.2f %% (",
                100 * summary_["test_accuracy"].get<double>());
  EXPECT_THAT(out, StartsWith("checkpoint  " + kBest + " (784-20-10, epoch "));
  EXPECT_THAT(out,
              HasSubstr("data        mnist test in " + fixture() + ", 90 images (own files)\n"));
  EXPECT_THAT(out, HasSubstr(accuracy));
  EXPECT_THAT(out, HasSubstr("confusion matrix (rows: label, columns: prediction)"));
  EXPECT_THAT(out, HasSubstr("\nlif1        20 "));
  EXPECT_THAT(out, HasSubstr("\nlif2        10 "));
}

TEST_F(SnnEval, EvaluatesThePartThatIsAskedFor) {
  const ordered_json train = evaluate_as_json({"--split", "train"});
  EXPECT_EQ(train["total"], 100) << "the run's limit is one of test images";
  EXPECT_EQ(train["split"], "train");
  EXPECT_EQ(evaluate_as_json({"--split", "train", "--limit-test", "7"})["total"], 7);
  EXPECT_EQ(evaluate_as_json({"--limit-test", "0"})["total"], 100);
}

TEST_F(SnnEval, WritesPredictions) {
  const ordered_json json = evaluate_as_json({"--predictions", "predictions.csv"});
  const auto lines = split(bytes_of(path("predictions.csv")), '\n');
  ASSERT_EQ(lines.size(), 92u);  // header, 90 images, and empty text at the end
  EXPECT_THAT(lines[0], StartsWith("image,label,prediction,spikes_0,spikes_1,"));
  EXPECT_EQ(lines.back(), "");
  int correct = 0;
  for (std::size_t i = 0; i < 90; ++i) {
    const auto cells = split(lines[i + 1], ',');
    ASSERT_EQ(cells.size(), 25u);
    EXPECT_EQ(cells[0], std::to_string(i));
    correct += cells[1] == cells[2] ? 1 : 0;
    std::vector<double> spikes(10);
    for (std::size_t c = 0; c < 10; ++c) ASSERT_TRUE(parse_real(cells[c + 3], spikes[c]));
    EXPECT_THAT(spikes, Each(testing::AllOf(testing::Ge(0), testing::Le(5))));
    const auto most = std::max_element(spikes.begin(), spikes.end()) - spikes.begin();
    EXPECT_EQ(cells[14], std::to_string(most)) << "of equals the lowest";
  }
  EXPECT_EQ(correct, json["correct"]);
}

TEST_F(SnnEval, WritesPredictionsIntoWhatIsThere) {
  write_text(path("file"), "old");
  write_text(path("file.tmp"), "the user's own");
  fs::create_symlink("file", path("link"));
  evaluate({"--predictions", "link"});
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_THAT(bytes_of(path("file")), StartsWith("image,label,prediction,"));
  EXPECT_EQ(bytes_of(path("file.tmp")), "the user's own");

  // The paths are links, so that a mistake damages only these.
  fs::create_symlink("/proc/self/fd/1", path("stdout"));
  EXPECT_THAT(evaluate({"--predictions", "stdout"}).out, StartsWith("image,label,prediction"));
  fs::create_symlink("/dev/full", path("full"));
  const ProcessResult full = eval({"runs/a", "--data-dir", fixture(), "--predictions", "full"});
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.err, "snn-eval: cannot write full: No space left on device\n");
}

TEST_F(SnnEval, RefusesAPlaceForPredictionsBeforeItEvaluates) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "--predictions: expected a file, found nothing\n"},
      {"runs", "--predictions: expected a file, found 'runs'\n"},
      {"no/such/folder.csv", "--predictions: there is no folder no/such\n"}};
  for (const auto& [given, message] : cases) {
    const ProcessResult result = eval({"runs/a", "--data-dir", "none", "--predictions", given});
    EXPECT_EQ(result.code, 2) << given;
    EXPECT_EQ(result.err, std::string("snn-eval: ") + message);
  }
}

TEST_F(SnnEval, ShowsAnImage) {
  const std::string out = evaluate({"--image", "1"}).out;
  const auto lines = split(out, '\n');
  ASSERT_EQ(lines.size(), 28u + 2 + 10 + 3);
  EXPECT_THAT(out, HasSubstr("██"));
  EXPECT_EQ(lines[29], "spikes of the output neurons");
  EXPECT_THAT(lines[41], StartsWith("image 1: label 2, prediction "));

  const ordered_json json = evaluate_as_json({"--image", "1"});
  EXPECT_THAT(keys_of(json), ElementsAre("image", "label", "prediction", "spike_counts",
                                         "tied_classes", "membrane_sums", "decision"));
  EXPECT_EQ(json["image"], 1);
  EXPECT_EQ(json["label"], 2);
  EXPECT_EQ(json["spike_counts"].size(), 10u);
  EXPECT_THAT(lines[41], HasSubstr("prediction " + json["prediction"].dump() + ": "));

  const ProcessResult beyond = eval({"runs/a", "--data-dir", fixture(), "--image", "100"});
  EXPECT_EQ(beyond.code, 2);
  EXPECT_EQ(beyond.err, "snn-eval: --image: expected a number below 100, found 100\n");
}

TEST_F(SnnEval, DrawsWhatHappensOverTime) {
  const std::string out = evaluate({"--image", "1", "--raster", "a.svg"}).out;
  EXPECT_EQ(out, evaluate({"--image", "1"}).out + "raster      a.svg\n");
  const std::string svg = bytes_of(path("a.svg"));
  const auto json = evaluate_as_json({"--image", "1"});
  EXPECT_THAT(svg, HasSubstr(">image 1: label 2, prediction " + json["prediction"].dump() + "<"));
  EXPECT_THAT(svg, AllOf(HasSubstr("data:image/png;base64,"), HasSubstr(">lif1, 20 neurons<"),
                         HasSubstr(">lif2, 10 neurons<"), HasSubstr(">threshold<")));
  double spikes = 0;
  for (const auto& count : json["spike_counts"]) spikes += count.get<double>();
  EXPECT_THAT(svg, HasSubstr(">spikes of all neurons: " + format_real(spikes) + "<"));

  const auto error = [this](const Words& words) {
    const ProcessResult result = eval(Words{"runs/a", "--data-dir", fixture()} + words);
    EXPECT_EQ(result.code, 2) << result.err;
    return result.err;
  };
  EXPECT_EQ(error({"--raster", "b.svg"}),
            "snn-eval: --raster: expected --image N too, the image to draw\n");
  EXPECT_EQ(error({"--raster", "no/b.svg", "--image", "1"}),
            "snn-eval: --raster: there is no folder no\n");
}

TEST_F(SnnEval, CallsWhatANetworkWithoutSpikesPutsOutLogits) {
  ASSERT_EQ(train(small_training() + Words{"--neuron", "relu", "--run-name", "b"}).code, 0);
  const Words evaluation = {"runs/b", "--data-dir", fixture()};
  const std::string out = eval(evaluation).out;
  EXPECT_THAT(out, HasSubstr("(784-20-10 relu, epoch 2)"));
  EXPECT_THAT(out,
              HasSubstr("\nlayer  neurons      steps above 0 per image  silent neurons\nrelu1 "));
  EXPECT_THAT(eval(evaluation + Words{"--image", "1"}).out,
              HasSubstr("logits of the output neurons\n"));
  const auto image = parse(eval(evaluation + Words{"--image", "1", "--json"}).out);
  EXPECT_THAT(keys_of(image), ElementsAre("image", "label", "prediction", "logits", "tied_classes",
                                          "membrane_sums", "decision"));
  const auto logits = image["logits"].get<std::vector<double>>();
  EXPECT_EQ(std::max_element(logits.begin(), logits.end()) - logits.begin(), image["prediction"]);
  EXPECT_LT(*std::min_element(logits.begin(), logits.end()), 0);
  const ProcessResult raster = eval(evaluation + Words{"--image", "1", "--raster", "a.svg"});
  EXPECT_EQ(raster.code, 2);
  EXPECT_THAT(raster.err, HasSubstr("--raster: the neurons of this network do not spike"));
  EXPECT_EQ(raster.out, "");
}

TEST_F(SnnEval, ReportsAllProblemsInOneMessage) {
  const ProcessResult result =
      eval({"--split", "tests", "--image", "-1", "--jsn", "--threads", "x", "--predictions", "p"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              AllOf(StartsWith("snn-eval: 6 problems"), HasSubstr("--jsn: unknown option"),
                    HasSubstr("did you mean --json?"), HasSubstr("--threads: expected an integer"),
                    HasSubstr("--split: expected test or train, found 'tests'"),
                    HasSubstr("--image: expected a number from 0, found '-1'"),
                    HasSubstr("--predictions: --image shows one image and writes no file")));
  EXPECT_THAT(result.err, HasSubstr("expected a checkpoint or a run directory, found nothing"));
}

TEST_F(SnnEval, RefusesUnusableCheckpoints) {
  for (const auto& [name, bytes] : ruined(bytes_of(path(kBest)))) {
    write_text(path(kBest), bytes);
    write_text(path("runs/a/checkpoints/last.safetensors"), bytes);
    for (const std::string& meant : {std::string("runs/a"), kBest}) {
      const ProcessResult result = eval({meant, "--data-dir", fixture()});
      EXPECT_EQ(result.code, 5) << name;
      EXPECT_EQ(result.out, "") << name;
      EXPECT_THAT(result.err, StartsWith("snn-eval: " + kBest + ": ")) << name;
    }
  }
  const std::pair<const char*, const char*> others[] = {
      {"none.safetensors", "none.safetensors: no such file\n"},
      {"runs", "runs: not the folder of a run: it has no checkpoints/last.safetensors\n"}};
  for (const auto& [given, message] : others) {
    const ProcessResult result = eval({given, "--data-dir", fixture()});
    EXPECT_EQ(result.code, 5) << given;
    EXPECT_EQ(result.err, std::string("snn-eval: ") + message);
  }
}

TEST_F(SnnEval, SaysWhatIsWrongWithTheData) {
  const ProcessResult missing = eval({"runs/a", "--data-dir", "empty"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_THAT(missing.err, AllOf(StartsWith("snn-eval: the mnist test files"),
                                 HasSubstr("get-data.sh mnist empty/mnist\n")));

  fs::create_directory(path("data"));
  const std::string images = "t10k-images-idx3-ubyte.gz";
  fs::copy(fixture() + "/t10k-labels-idx1-ubyte.gz", path("data"));
  write_text(path("data/" + images), flipped(bytes_of(fixture() + "/" + images)));
  const ProcessResult damaged = eval({"runs/a", "--data-dir", "data"});
  EXPECT_EQ(damaged.code, 3);
  EXPECT_THAT(damaged.err, StartsWith("snn-eval: data/" + images + ": "));
}

TEST_F(SnnEval, RefusesImagesOfAnotherSize) {
  fs::create_directory(path("data"));
  write_bytes(path("data/t10k-images-idx3-ubyte"), image_bytes(1, 2, 2, {1, 2, 3, 4}));
  write_bytes(path("data/t10k-labels-idx1-ubyte"), label_bytes({3}));
  const ProcessResult result = eval({"runs/a", "--data-dir", "data"});
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.err,
            "snn-eval: data/t10k-images-idx3-ubyte has images of 2 x 2 in 10 classes, but the "
            "network 784-20-10 takes images of 28 x 28 in 10 classes\n");
}

TEST_F(SnnEval, FailsWhenItsResultsCannotBeWritten) {
  for (const Words& words : {Words{}, Words{"--json"}}) {
    const ProcessResult result =
        eval(Words{"runs/a", "--data-dir", fixture()} + words, {.out_file = "/dev/full"});
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.err, HasSubstr("snn-eval: cannot write to standard output"));
  }
}

}  // namespace
}  // namespace snn::cli
