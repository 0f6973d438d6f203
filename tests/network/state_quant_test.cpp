#include "snn/network/state_quant.h"

#include <gtest/gtest.h>

#include "support/error_of.h"

namespace snn {
namespace {

void expect_levels(const std::string& text, const std::vector<double>& expected) {
  const std::vector<double> found = levels(parse_state_quant(text));
  ASSERT_EQ(found.size(), expected.size()) << text;
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 6e-6) << text;
}

// snnTorch's, from its formulas in double precision.
TEST(StateQuant, HasSnnTorchsLevels) {
  expect_levels("none", {});
  expect_levels("uniform:bits=2", {-1, -.2666667, .4666667, 1.2});
  expect_levels("threshold-centered:bits=3",
                {-1, .40031, .8204, .94643, .98423, .99558, .99898, 1.2});
  expect_levels("zero-centered:bits=3",
                {-1, -.28058, -.06475, .00682, .02956, .10534, .35795, 1.2});
}

TEST(StateQuant, IsWrittenAsItIsRead) {
  for (const std::string text : {"none", "uniform:bits=4,threshold=0.5,lower=0.1,upper=0.3",
                                 "zero-centered:bits=8,threshold=1,lower=0,upper=0.2"}) {
    EXPECT_EQ(to_string(parse_state_quant(text)), text);
  }
  const auto error = [](const char* text) { return error_of([&] { parse_state_quant(text); }); };
  EXPECT_EQ(error("uniform:bits=2.5"),
            "state quantisation 'uniform': bits: expected an integer, found 2.5");
  EXPECT_NE(error("uniform:bits=17"), "no error");
  EXPECT_NE(error("even"), "no error");
}

}  // namespace
}  // namespace snn
