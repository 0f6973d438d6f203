// Learned neuron parameters in every output that shows them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/program_test.h"
#include "snn/train/checkpoint.h"
#include "snn/train/metrics.h"

namespace snn::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

class LearnedTest : public ProgramTest {
 protected:
  // Trains runs/a and expects success.
  ProcessResult train_a(const Words& more) const {
    ProcessResult result = train(small_training() + Words{"--run-name", "a"} + more);
    EXPECT_EQ(result.code, 0) << result.err;
    return result;
  }
  HostTensors tensors() const {
    return load_checkpoint(path("runs/a/checkpoints/last.safetensors")).state.tensors;
  }
  std::vector<MetricsRow> rows() const {
    return metrics_from_csv(bytes_of(path("runs/a/metrics.csv")), 2, "metrics.csv");
  }
};

TEST_F(LearnedTest, IsShownEverywhere) {
  train_a({"--learn-beta", "--learn-threshold", "--learn-graded-spikes-factor", "--tensorboard"});
  const auto learned = rows().back().learned;
  ASSERT_EQ(learned.size(), 6u);
  EXPECT_EQ(rows().front().learned[0].mean, 0.95) << "before training";
  const auto stored = tensors();
  const auto summary = parse(bytes_of(path("runs/a/summary.json")));
  const auto json = parse(eval({"runs/a", "--data-dir", fixture(), "--json"}).out);
  const std::string out = eval({"runs/a", "--data-dir", fixture()}).out;
  for (const LearnedParameter& each : learned) {
    const std::string name = full_name(each, "lif" + std::to_string(each.layer));
    EXPECT_EQ(static_cast<float>(each.mean), stored.at(name).values.at(0)) << name;
    EXPECT_EQ(summary["learned"][name], each.mean);
    EXPECT_EQ(json["learned"][name], each.mean);
    EXPECT_THAT(out, HasSubstr(name + " ")) << out;
    EXPECT_THAT(out, HasSubstr(" " + format_real(each.mean) + "\n"));
    // This loss is computed from membranes and does not depend on the amplitude of the output
    // spikes.
    if (name == "lif2.graded_spikes_factor") continue;
    EXPECT_NE(each.mean, each.name == "beta" ? 0.95 : 1) << name;
  }
  const std::string page = bytes_of(path("runs/a/report.html"));
  EXPECT_THAT(page, AllOf(HasSubstr("Learned parameters"), HasSubstr("graded spikes factor"),
                          HasSubstr("lif1.beta ")));
  EXPECT_TRUE(std::filesystem::exists(path("runs/a/pictures/learned.svg")));
  const std::string events = bytes_of(path("runs/a/events.out.tfevents.snn-train"));
  EXPECT_THAT(events, AllOf(HasSubstr("beta/lif1"), HasSubstr("threshold/lif2"),
                            HasSubstr("graded_spikes_factor/lif2")));
}

TEST_F(LearnedTest, OfEachNeuronIsShownByMeanAndEnds) {
  const std::string betas = "[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95]";
  const ProcessResult result = train(
      {"--data-dir", fixture(), "-T", "5", "-e", "1", "--run-name", "a", "--layers",
       "[{\"linear\":{\"outputs\":10},\"leaky\":{\"beta\":" + betas + ",\"learn-beta\":true}}]"});
  ASSERT_EQ(result.code, 0) << result.err;
  auto values = tensors().at("lif1.beta").values;
  std::ranges::sort(values);
  const auto summary = parse(bytes_of(path("runs/a/summary.json")));
  const auto& beta = summary["learned"]["lif1.beta"];
  EXPECT_EQ(beta["min"].get<float>(), values.front());
  EXPECT_EQ(beta["max"].get<float>(), values.back());
  double sum = 0;
  for (const float value : values) sum += value;
  EXPECT_NEAR(beta["mean"].get<double>(), sum / 10, 1e-6);
  EXPECT_THAT(bytes_of(path("runs/a/metrics.csv")), HasSubstr(",beta_1,beta_1_min,beta_1_max,"));
  EXPECT_THAT(eval({"runs/a", "--data-dir", fixture()}).out, HasSubstr("  mean 0."));
}

TEST_F(LearnedTest, OutsideItsRangeIsAWarningOnce) {
  const ProcessResult result = train_a({"--learn-beta", "--lr", "0.5", "-e", "4"});
  const auto all = rows();
  const NetworkSpec network = load_checkpoint(path("runs/a/checkpoints/last.safetensors")).network;
  std::size_t left = 0;
  for (const LearnedParameter& each : all.back().learned) {
    const auto is_outside = [&](const MetricsRow& row) {
      return std::ranges::any_of(row.learned, [&](const LearnedParameter& other) {
        return other.name == each.name && other.layer == each.layer &&
               !range_problem(other, network).empty();
      });
    };
    const auto first = std::ranges::find_if(all, is_outside);
    if (first == all.end()) continue;
    ++left;
    const std::string warning = "layer " + std::to_string(each.layer) + ": in epoch " +
                                std::to_string(first->epoch) +
                                " the learned beta is outside [0, 1] (";
    EXPECT_EQ(count(result.err, warning), 1u) << result.err;
    EXPECT_EQ(count(bytes_of(path("runs/a/train.log")), warning), 1u);
  }
  ASSERT_GE(left, 1u) << "this rate leads out of the range";
  EXPECT_EQ(count(result.err, "the learned "), left);
  EXPECT_THAT(eval({"runs/a", "--data-dir", fixture()}).out, HasSubstr(" (outside [0, 1])\n"));
}

// Thresholds fall if every class should spike at every step.
TEST_F(LearnedTest, ThresholdsBelowZeroAreAWarning) {
  const ProcessResult result =
      train_a({"--learn-threshold", "--loss", "mse-count:correct=1,incorrect=1", "--lr", "0.5"});
  EXPECT_THAT(result.err, AllOf(HasSubstr(" the learned threshold is not above 0 (-"),
                                HasSubstr("try a lower --lr")));
}

TEST_F(LearnedTest, NothingIsSaidWhereNothingIsLearned) {
  const ProcessResult result = train_a({});
  EXPECT_THAT(result.err, Not(HasSubstr("learned")));
  EXPECT_THAT(bytes_of(path("runs/a/metrics.csv")), Not(HasSubstr("beta")));
  EXPECT_TRUE(parse(bytes_of(path("runs/a/summary.json")))["learned"].empty());
  EXPECT_THAT(eval({"runs/a", "--data-dir", fixture()}).out, Not(HasSubstr("learned")));
  EXPECT_FALSE(std::filesystem::exists(path("runs/a/pictures/learned.svg")));
}

}  // namespace
}  // namespace snn::cli
