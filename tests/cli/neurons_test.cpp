// Every kind of neurons and of delays through the programs.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cli/run_test.h"
#include "snn/network/network_spec.h"

namespace snn::cli {
namespace {

using testing::HasSubstr;

// A run with `options` trains, resumes to the same bits, and is evaluated.
class OptionsTest : public RunTest {
 protected:
  void expect_training_resumption_and_answer(const Words& options) const {
    train_as("whole", options + Words{"-e", "2"});
    train_as("part", options + Words{"-e", "1"});
    const ProcessResult resumed = resume("part", {"-e", "2"});
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(last("part"), last("whole"));
    EXPECT_EQ(timeless_metrics("part"), timeless_metrics("whole"));
    const ProcessResult answer = eval({"runs/whole", "--data-dir", fixture()});
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_THAT(answer.out, HasSubstr("\naccuracy "));
  }
};

class NeuronsTest : public OptionsTest, public testing::WithParamInterface<std::string_view> {};

TEST_P(NeuronsTest, TrainResumeAndAnswer) {
  expect_training_resumption_and_answer({"--neuron", std::string(GetParam())});
}

class DelaysTest : public OptionsTest, public testing::WithParamInterface<std::string_view> {};

TEST_P(DelaysTest, TrainResumeAndAnswer) {
  expect_training_resumption_and_answer({"--delays", std::string(GetParam()), "--max-delay", "4"});
}

INSTANTIATE_TEST_SUITE_P(EveryPlace, DelaysTest, testing::Values("axon", "synapse"),
                         [](const auto& place) { return std::string(place.param); });

TEST_F(OptionsTest, TrainResumeAndAnswerWithAReadout) {
  expect_training_resumption_and_answer({"--readout", "li:beta=0.9,learn-beta"});
  EXPECT_THAT(bytes_of(path("runs/whole/config.yaml")),
              HasSubstr("readout: 'li:beta=0.9,learn-beta=true'"));
}

TEST_F(OptionsTest, TrainResumeAndAnswerAfterARest) {
  expect_training_resumption_and_answer({"--refractory", "2", "--reset", "subtract-beta",
                                         "--state-quant", "uniform:bits=6,threshold=1"});
}

std::vector<std::string_view> all_kinds() {
  std::vector<std::string_view> names;
  for (const auto& entry : Names<NeuronKind>::table) names.push_back(entry.second);
  return names;
}

INSTANTIATE_TEST_SUITE_P(EveryKind, NeuronsTest, testing::ValuesIn(all_kinds()),
                         [](const auto& kind) {
                           std::string name(kind.param);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_F(RunTest, StatesTheParametersOfARecurrentNetwork) {
  // 784 x 20 + 20 and 20 x 10 + 10 of the synapses, 20 x 21 and 10 x 11 of the recurrence.
  const ProcessResult dense = train_as("dense", {"--neuron", "rleaky", "--recurrence", "dense"});
  EXPECT_THAT(dense.err, HasSubstr("network  784-20-10 rleaky, 16,440 parameters"));
  const ProcessResult single =
      train_as("single", {"--neuron", "rleaky", "--recurrence", "one-to-one"});
  EXPECT_THAT(single.err, HasSubstr("network  784-20-10 rleaky, 15,912 parameters"));
}

TEST_F(RunTest, RefusesAnAlphaBelowBeta) {
  const ProcessResult result =
      train(small_training() + Words{"--neuron", "alpha", "--alpha", "0.7", "--beta", "0.8"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("alpha: expected alpha above beta, 0.8, found 0.7"));
}

}  // namespace
}  // namespace snn::cli
