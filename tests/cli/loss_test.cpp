// What is trained for, and how the outputs are read.

#include "snn/network/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cli/program_test.h"
#include "snn/train/checkpoint.h"

namespace snn::cli {
namespace {

using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class LossTest : public ProgramTest {
 protected:
  ordered_json train_as(const std::string& name, const Words& more = {}) const {
    const ProcessResult result = train(small_training() + Words{"--run-name", name} + more);
    EXPECT_EQ(result.code, 0) << result.err;
    return parse(bytes_of(path("runs/" + name + "/summary.json")));
  }
};

TEST_F(LossTest, TrainsWithEveryLossAndFindsItInTheCheckpoint) {
  std::vector<std::string> losses = all_names<LossKind>();
  losses.emplace_back("ce-rate:smoothing=0.1 + 0.1*mse-membrane:on=1,off=-0.5");
  for (const std::string& loss : losses) {
    const std::string name = "run" + std::to_string(&loss - losses.data());
    const ordered_json summary = train_as(name, {"--loss", loss, "--engine", "fused", "-e", "1"});
    EXPECT_TRUE(std::isfinite(summary["test_loss"].get<double>())) << loss;
    const std::string text = to_string(parse_loss(loss));
    EXPECT_EQ(summary["configuration"]["loss"], text);
    const Checkpoint checkpoint =
        load_checkpoint(path("runs/" + name + "/checkpoints/last.safetensors"));
    EXPECT_EQ(checkpoint.config.loss, parse_loss(loss));
    EXPECT_THAT(bytes_of(path("runs/" + name + "/config.yaml")), HasSubstr(text));
  }
}

TEST_F(LossTest, SaysWhichTermIsWrong) {
  const ProcessResult result = train(small_training() + Words{"--loss", "ce-rate + 2*mse-cont"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("--loss: term 2 ('mse-cont'): expected a loss"));
}

TEST_F(LossTest, TrainsPopulationsOfOutputs) {
  const Words code = {"--population",        "3",      "--class-weights",
                      "1,1,1,1,1,1,1,1,1,2", "--loss", "ce-count"};
  const ordered_json summary = train_as("run", code + Words{"--top-k", "3"});
  EXPECT_EQ(summary["network"], "784-20-30");
  EXPECT_GE(summary["test_top_k_accuracy"], summary["test_accuracy"]);
  const ProcessResult result = eval({"runs/run", "--json", "--data-dir", fixture()});
  EXPECT_EQ(result.code, 0) << result.err;
  const ordered_json json = parse(result.out);
  EXPECT_EQ(json["accuracy"], summary["test_accuracy"]);
  EXPECT_EQ(json["top_k_accuracy"], summary["test_top_k_accuracy"]);
  EXPECT_EQ(json["classes"].size(), 10);
  EXPECT_EQ(eval({"runs/run", "--image", "3", "--raster", "a.svg"}).code, 0);
  const ProcessResult wrong =
      train(small_training() + Words{"--class-weights", "1,2", "--population", "3"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err,
              HasSubstr("class-weights: expected 10 values, one for each class, found 2"));
}

TEST_F(LossTest, ReportsThePenaltyApart) {
  const Words words = {"--engine", "reference", "--regularize",
                       "0.5*rate-band:low=0.1,high=0.3 + 0.001*spikes"};
  const ProcessResult result =
      train(small_training() + words + Words{"--run-name", "run", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  const ordered_json summary = parse(result.out);
  EXPECT_GT(summary["train_penalty"].get<double>(), 0);
  const std::string metrics = bytes_of(path("runs/run/metrics.csv"));
  EXPECT_THAT(metrics, HasSubstr(",train_penalty,"));
  EXPECT_THAT(bytes_of(path("runs/run/report.html")), HasSubstr("Penalty"));
  EXPECT_EQ(eval({"runs/run", "--json", "--data-dir", fixture()}).code, 0);
  const ordered_json without = train_as("without");
  EXPECT_FALSE(without.contains("train_penalty"));
  EXPECT_THAT(bytes_of(path("runs/without/metrics.csv")), Not(HasSubstr("penalty")));
}

TEST_F(LossTest, DecidesByTheFirstSpike) {
  const ordered_json summary =
      train_as("run", {"--loss", "ce-temporal", "--decision", "temporal", "--lr", "0.01"});
  const ProcessResult result = eval({"runs/run", "--json", "--data-dir", fixture()});
  const ordered_json json = parse(result.out);
  EXPECT_EQ(json["decision"], "temporal");
  EXPECT_EQ(json["accuracy"], summary["test_accuracy"]);
  const ProcessResult stateless =
      train(small_training() + Words{"--neuron", "relu", "--loss", "ce-temporal"});
  EXPECT_EQ(stateless.code, 2);
  EXPECT_THAT(stateless.err, HasSubstr("the output neurons have no spikes"));
}

}  // namespace
}  // namespace snn::cli
