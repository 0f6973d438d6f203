// However a run ends, the figures in its files must agree with the evaluation of its checkpoints.

#include "cli/run_test.h"
#include "snn/train/metrics.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Agreement : public RunTest {
 protected:
  // Compares a checkpoint of runs/NAME with its row in metrics.csv, which exists unless the
  // checkpoint was saved within an epoch, and returns the output of snn-eval.
  nlohmann::ordered_json expect_row_of(const std::string& name,
                                       const std::string& checkpoint) const {
    const auto json =
        parse(eval({"runs/" + name + "/" + checkpoint, "--data-dir", fixture(), "--json"}).out);
    if (!json.contains("epoch")) return json;
    const std::string row_begin = std::to_string(json["epoch"].get<std::int64_t>()) + ",";
    bool has_row = false;
    for (const MetricsRow& row :
         metrics_from_csv(bytes_of(path("runs/" + name + "/metrics.csv")), 2, "metrics.csv")) {
      if (row.epoch != json["epoch"] || json["batch"] != 0) continue;
      has_row = true;
      EXPECT_EQ(row.test.accuracy, json["accuracy"].get<double>()) << name << " " << checkpoint;
      EXPECT_DOUBLE_EQ(row.test.loss.value(), json["loss"].get<double>()) << name;
    }
    EXPECT_EQ(has_row, json["batch"] == 0) << name << " " << checkpoint;
    return json;
  }

  // Makes the same comparison for all files of runs/NAME.
  void expect_agreement(const std::string& name) const {
    if (fs::exists(path(checkpoint_path(name, "best")))) {
      expect_row_of(name, "checkpoints/best.safetensors");
    }
    expect_row_of(name, "checkpoints/last.safetensors");
    if (!fs::exists(path("runs/" + name + "/summary.json"))) return;
    const auto summary = parse(bytes_of(path("runs/" + name + "/summary.json")));
    const auto reported = expect_row_of(name, summary["reported_checkpoint"]);
    if (reported["batch"] == 0) {
      EXPECT_EQ(summary["test_accuracy"], reported["accuracy"]) << name;
      EXPECT_DOUBLE_EQ(summary["test_loss"].get<double>(), reported["loss"].get<double>()) << name;
    } else {
      EXPECT_TRUE(summary["test_accuracy"].is_null()) << name << ": no epoch was evaluated";
    }
    const bool is_best = summary["reported_checkpoint"] == "checkpoints/best.safetensors";
    EXPECT_EQ(reported["epoch"], summary[is_best ? "best_epoch" : "epochs"]) << name;
  }
};

const Words kValidation = {"--validation", "30"};

TEST_F(Agreement, AfterItFinished) {
  train_as("last");
  train_as("best", kValidation + Words{"-e", "6"});
  train_as("patience", kValidation + Words{"-e", "100", "--patience", "1"});
  for (const char* name : {"last", "best", "patience"}) expect_agreement(name);
  EXPECT_EQ(resume("last", {"-e", "4"}).code, 0);
  expect_agreement("last");
}

// The run is stopped and waits until the signal arrives, at any point of an epoch or an evaluation.
TEST_F(Agreement, AfterItWasInterruptedOrKilled) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    for (const char* interval : {"0", "1"}) {
      const std::string name = std::to_string(signal) + "-" + interval;
      interrupt(
          name, [signal](pid_t child) { ::kill(child, signal); }, ":",
          kValidation + Words{"-b", "2", "--checkpoint-every", interval});
      expect_agreement(name);
      const Progress progress = load_checkpoint(path(checkpoint_path(name))).progress;
      const std::string epochs = std::to_string(progress.epoch + 1);
      EXPECT_EQ(resume(name, {"-e", epochs}).code, 0);
      expect_agreement(name);
    }
  }
}

TEST_F(Agreement, AfterItDiverged) {
  train(small_training() + Words{"--lr", "1e38", "--run-name", "first"});
  expect_agreement("first");
  // The checkpoint was saved within the epoch, for which there is no row.
  train(small_training() +
        Words{"--lr", "1e38", "--checkpoint-every", "1", "--run-name", "within"});
  expect_agreement("within");
  EXPECT_EQ(parse(bytes_of(path("runs/within/summary.json")))["outcome"], "diverged");
}

TEST_F(Agreement, AfterFilesWereLost) {
  train_as("a", kValidation + Words{"-e", "6"});
  fs::remove(path("runs/a/metrics.csv"));
  fs::remove(path("runs/a/summary.json"));
  EXPECT_EQ(resume("a").code, 0);
  expect_agreement("a");
  write_text(path(checkpoint_path("a")), "");
  EXPECT_EQ(resume("a").code, 0);
  expect_agreement("a");
  // The best checkpoint is of another epoch, as after a kill before the last one was saved.
  train_as("b", kValidation + Words{"-e", "1", "--seed", "1"});
  fs::copy_file(path(checkpoint_path("a")), path(checkpoint_path("b", "best")),
                fs::copy_options::overwrite_existing);
  fs::remove(path("runs/b/summary.json"));
  EXPECT_EQ(resume("b").code, 0);
  fs::remove(path(checkpoint_path("b", "best")));
  expect_agreement("b");  // and no file refers to that epoch
}

TEST_F(Agreement, OfAnInterruptedRunNamesEpochAndBatch) {
  const Words words = {"-b", "1", "--checkpoint-every", "1"};
  interrupt(
      "a", [](pid_t child) { ::kill(child, SIGTERM); }, ":", words);
  const Progress progress = load_checkpoint(path(checkpoint_path("a"))).progress;
  const ProcessResult result = eval({"runs/a", "--data-dir", fixture()});
  std::string text = "epoch " + std::to_string(progress.epoch);
  if (progress.batch > 0)
    text += " and " + std::to_string(progress.batch) + " of 100 batches of the next epoch";
  EXPECT_THAT(result.out, HasSubstr("(784-20-10, " + text + ")\n"));
}

TEST_F(Agreement, IsNotUpsetByFewerEpochs) {
  interrupt(
      "a", [](pid_t child) { ::kill(child, SIGTERM); }, ":", {}, /*epoch=*/3);
  const std::string before = last("a");
  const Progress progress = load_checkpoint(path(checkpoint_path("a"))).progress;
  ASSERT_GE(progress.epoch, 3);
  const std::int64_t begun = progress.epoch + (progress.batch > 0 ? 1 : 0);
  for (const std::int64_t epochs : {begun - 2, begun - 1}) {
    const ProcessResult result = resume("a", {"-e", std::to_string(epochs)});
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.err,
                HasSubstr("--epochs: expected at least " + std::to_string(begun) + ", found " +
                          std::to_string(epochs) + ": the checkpoint was written after epoch "));
  }
  EXPECT_EQ(last("a"), before);
  EXPECT_FALSE(fs::exists(path("runs/a/summary.json")));
}

}  // namespace
}  // namespace snn::cli
