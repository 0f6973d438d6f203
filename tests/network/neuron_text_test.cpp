#include "network/neuron_text.h"

#include <gtest/gtest.h>

#include "support/error_of.h"

namespace snn {
namespace {

TEST(NeuronText, IsWrittenAsItIsRead) {
  for (const std::string text :
       {"leaky", "li:beta=0.9", "leaky:reset=subtract-beta,surrogate=[sfs:slope=25,b=1]",
        "synaptic:alpha=0.8,refractory=3,learn-alpha=true",
        "leaky:surrogate=[spike-rate-escape:beta=2,slope=25],state-quant=[uniform:bits=4,threshold="
        "1,"
        "lower=0,upper=0.2]"}) {
    EXPECT_EQ(neuron_text(parse_neuron(text)), text);
  }
  EXPECT_EQ(parse_neuron("Leaky: learn_beta, beta = 0.5"),
            NeuronSpec(LeakyOptions(0.5).learn_beta(true)));
  // What follows the parameters of a surrogate is an option again.
  EXPECT_EQ(parse_neuron("leaky:surrogate=sfs:slope=9,b=2,beta=0.5"),
            NeuronSpec(LeakyOptions(0.5).surrogate(Surrogate::sfs(9, 2))));
}

TEST(NeuronText, BeginsWithTheOptionsOfABase) {
  const auto base = [](NeuronKind) { return NeuronSpec(LeakyOptions(0.5).threshold(2.0)); };
  EXPECT_EQ(parse_neuron("leaky:beta=0.7", base), NeuronSpec(LeakyOptions(0.7).threshold(2.0)));
}

TEST(NeuronText, SaysWhatIsWrong) {
  const auto error = [](const char* text) { return error_of([&] { parse_neuron(text); }); };
  EXPECT_NE(error("leeky").find("did you mean 'leaky'?"), std::string::npos) << error("leeky");
  EXPECT_EQ(error("li:threshold=1"), "li: unknown option 'threshold'");
  EXPECT_EQ(error("li:bta=1"), "li: unknown option 'bta' (did you mean 'beta'?)");
  EXPECT_EQ(error("li:beta=2"), "li: beta: expected a number in [0, 1], found '2'");
  EXPECT_EQ(error("li:beta=0.5,beta=0.6"), "li: beta is given twice");
  EXPECT_EQ(error("alpha:alpha=0.5"), "alpha: expected alpha above beta, 0.8, found 0.5");
  EXPECT_EQ(
      error("leaky:reset=subtract-beta,reset-delay=false"),
      "leaky: reset: subtract-beta needs reset-delay; without, subtract decays the threshold, "
      "too");
  EXPECT_EQ(error("plif:reset=subtract-beta"),
            "plif: reset: expected subtract, zero or none, found subtract-beta");
}

}  // namespace
}  // namespace snn
