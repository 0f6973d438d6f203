#include "snn/train/learned.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snn {
namespace {

using testing::ElementsAre;

NetworkSpec network() {
  return {
      {4},
      {{LinearSpec{3}, LeakyOptions(0.9).learn_beta(true)},
       {LinearSpec{2}, LeakyOptions(0.9).learn_threshold(true).learn_graded_spikes_factor(true)}}};
}

HostTensors tensors() {
  return {{"lif1.beta", {{}, {0.95F}}},
          {"lif1.threshold", {{}, {7}}},
          {"lif2.threshold", {{2}, {-0.5F, 1.25F}}},
          {"lif2.graded_spikes_factor", {{}, {0.1F}}}};
}

TEST(LearnedParameters, AreThoseThatTrainingChanges) {
  EXPECT_THAT(learned_parameters(network(), tensors()),
              ElementsAre(LearnedParameter{"beta", 1, false, 0.95, 0.95, 0.95},
                          LearnedParameter{"threshold", 2, true, 0.375, -0.5, 1.25},
                          LearnedParameter{"graded_spikes_factor", 2, false, 0.1, 0.1, 0.1}));
  EXPECT_TRUE(learns_neurons(network()));
  EXPECT_FALSE(
      learns_neurons({{4}, {{LinearSpec{3}, LeakyOptions()}, {LinearSpec{2}, ReluOptions()}}}));
}

TEST(LearnedParameters, MayLeaveTheirRange) {
  const auto problem = [](const char* name, double min, double max) {
    return range_problem({name, 1, true, min, min, max}, network());
  };
  EXPECT_EQ(problem("beta", 0, 1), "");
  EXPECT_EQ(problem("beta", -0.01, 0.5), "outside [0, 1]");
  EXPECT_EQ(problem("beta", 0.5, 1.01), "outside [0, 1]");
  EXPECT_EQ(problem("threshold", 0.1, 9), "");
  EXPECT_EQ(problem("threshold", 0, 9), "not above 0");
  EXPECT_EQ(problem("graded_spikes_factor", -1, 9), "not above 0");
}

TEST(LearnedParameters, MayReachAnOpenEndOfTheirRange) {
  const NetworkSpec spec = {{4}, {{LinearSpec{3}, AlphaOptions()}}};
  EXPECT_EQ(range_problem({"alpha", 1, false, 0.9, 0.9, 0.9}, spec), "");
  EXPECT_EQ(range_problem({"alpha", 1, false, 1, 1, 1}, spec), "outside (0, 1)");
  EXPECT_EQ(range_problem({"alpha", 1, false, 0, 0, 0}, spec), "outside (0, 1)");
}

TEST(LearnedParameters, AreShownByValueOrRange) {
  const auto all = learned_parameters(network(), tensors());
  EXPECT_EQ(shown_value(all[0]), "0.95");
  EXPECT_EQ(shown_value(all[1]), "mean 0.375, -0.5 to 1.25");
}

TEST(LearnedParameters, AreThoseOfTheNeuronsOfTheirLayer) {
  const NetworkSpec mixed = {{4},
                             {{LinearSpec{3}, LapicqueOptions()}, {LinearSpec{2}, LeakyOptions()}}};
  const LearnedParameter beta{"beta", 2, false, 2, 2, 2};
  EXPECT_EQ(full_name(beta, neuron_name(mixed, 1)), "lif2.beta");
  EXPECT_EQ(range_problem(beta, mixed), "outside [0, 1]");
  const LearnedParameter of_lapicque{"beta", 1, false, 2, 2, 2};
  EXPECT_FALSE(field_of(of_lapicque, mixed)) << "a Lapicque neuron learns no beta";
  EXPECT_EQ(range_problem(of_lapicque, mixed), "");
  EXPECT_EQ(field_of({"threshold", 1, false, 1, 1, 1}, mixed)->name, "threshold");
}

}  // namespace
}  // namespace snn
