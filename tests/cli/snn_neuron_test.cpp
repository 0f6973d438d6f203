// Tests snn-neuron as a user runs it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program_test.h"
#include "snn/network/network_spec.h"
#include "snn/text/text.h"

namespace snn::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class SnnNeuron : public ProgramTest {
 protected:
  std::string run_well(const Words& words) const {
    const ProcessResult result = neuron(words);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
  }
  // The error message for invalid arguments.
  std::string error(const Words& words, int code = 2) const {
    const ProcessResult result = neuron(words);
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_EQ(result.out, "");
    return result.err;
  }
};

TEST_F(SnnNeuron, HelpsAndStops) {
  EXPECT_THAT(run_well({"--help"}), HasSubstr("\n      --beta REAL "));
  EXPECT_THAT(run_well({"--version"}), testing::MatchesRegex("snn-neuron [0-9.]+[^,]*\n"));
}

TEST_F(SnnNeuron, TellsRateAndIntervals) {
  EXPECT_EQ(run_well({"--beta", "0.95", "--current", "step:0.2", "--steps", "40"}),
            "neuron     leaky, beta 0.95, threshold 1, reset subtract\n"
            "current    step:amplitude=0.2,start=0\n"
            "spikes     6 in 40 steps, the first at 5\n"
            "rate       0.1667 per step\n"
            "intervals  6 6 6 6 6 (mean 6, 6 to 6)\n");
  EXPECT_THAT(run_well({"--current", "step:0.01"}), HasSubstr("spikes     0 in 25 steps\n"));
  const std::string axon = run_well({"--neuron", "hodgkin-huxley", "--current", "step:10"});
  EXPECT_THAT(axon, HasSubstr("spikes     7 in 100 ms, the first at 1.901 ms\n"));
  EXPECT_THAT(axon, HasSubstr("rate       68.09 Hz\n"));
}

TEST_F(SnnNeuron, PrintsJson) {
  const auto json = parse(run_well({"-T", "40", "--json"}));
  EXPECT_THAT(keys_of(json), ElementsAre("time_unit", "rate_unit", "neurons"));
  const auto& one = json["neurons"][0];
  EXPECT_THAT(keys_of(one), ElementsAre("name", "neuron", "current", "duration", "spikes",
                                        "intervals", "rate", "trace"));
  EXPECT_THAT(keys_of(one["trace"]), ElementsAre("time", "current", "membrane"));
  EXPECT_EQ(one["trace"]["membrane"].size(), 40u);
  EXPECT_EQ(one["spikes"], nlohmann::json({5, 11, 17, 23, 29, 35}));
  EXPECT_EQ(one["rate"], 1.0 / 6);
  EXPECT_TRUE(parse(run_well({"--current", "step:0", "--json"}))["neurons"][0]["rate"].is_null());
}

TEST_F(SnnNeuron, ComparesValuesOfAnOption) {
  const std::string out = run_well({"--compare", "beta=0.5,0.95", "--current", "step:0.2"});
  const auto lines = split(out, '\n');
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[0], StartsWith("neuron     spikes    first    rate/step"));
  EXPECT_THAT(lines[1], StartsWith("beta 0.5        0        -"));
  EXPECT_THAT(lines[2], StartsWith("beta 0.95       4        5       0.1667"));
  const auto json =
      parse(run_well({"--compare", "current=step:0.1,pulse:2,width=3,step:0.4", "--json"}));
  ASSERT_EQ(json["neurons"].size(), 3u);
  EXPECT_EQ(json["neurons"][1]["name"], "pulse:2,width=3");
}

// s = 0.5, 0.75 and U = 0.5, 0.475 + 0.75 spikes; with alpha 0 and beta 0.5, 0.25 + 0.5 does not.
TEST_F(SnnNeuron, ComparesKindsAndTheirOptions) {
  const Words words = {"--compare", "leaky,synaptic:alpha=0.5,li,synaptic:alpha=0,beta=0.5",
                       "--current", "step:0.5",
                       "-T",        "3"};
  const auto lines = split(run_well(words), '\n');
  ASSERT_EQ(lines.size(), 8u) << "a long name has a line of its own";
  EXPECT_THAT(lines[1], testing::MatchesRegex("leaky +1 +2 .*"));
  EXPECT_THAT(lines[2], StartsWith("synaptic:alpha=0.5"));
  run_well(words + Words{"--svg", "a.svg", "--csv", "a.csv"});
  const std::string svg = bytes_of(path("a.svg"));
  EXPECT_THAT(svg, HasSubstr(">synaptic current<"));
  EXPECT_THAT(svg, HasSubstr(">li<"));
  const auto rows = split(bytes_of(path("a.csv")), '\n');
  EXPECT_EQ(rows[0], "neuron,time,current,synaptic_current,membrane,spike");
  EXPECT_EQ(rows[1], "leaky,0,0.5,,0.5,0");
  EXPECT_EQ(rows[5], "synaptic:alpha=0.5,1,0.5,0.75,1.225,1");
  EXPECT_EQ(rows[11], "\"synaptic:alpha=0,beta=0.5\",1,0.5,0.5,0.75,0");
}

TEST_F(SnnNeuron, RunsEveryKind) {
  for (const auto& [kind, name] : Names<NeuronKind>::table) {
    const std::string out = run_well({"--neuron", std::string(name), "--svg", "a.svg"});
    EXPECT_THAT(out, StartsWith("neuron     " + std::string(name)));
    EXPECT_THAT(bytes_of(path("a.svg")), HasSubstr(">membrane<"));
    for (const std::string& line : split(out, '\n')) EXPECT_LE(line.size(), 80u) << line;
  }
  EXPECT_THAT(run_well({"--neuron", "li"}), HasSubstr("output     a real number, no spikes"));
  const Words random = {"--neuron", "slstm", "--json", "--seed"};
  EXPECT_NE(run_well(random + Words{"1"}), run_well(random + Words{"2"}));
}

TEST_F(SnnNeuron, DrawsAndWritesWhatHappened) {
  run_well({"--compare", "beta=0.5,0.95", "--svg", "a.svg", "--csv", "a.csv"});
  const std::string svg = bytes_of(path("a.svg"));
  EXPECT_THAT(svg, StartsWith("<?xml"));
  EXPECT_THAT(svg, HasSubstr(">beta 0.5<"));
  EXPECT_THAT(svg, HasSubstr(">threshold<"));
  const auto lines = split(bytes_of(path("a.csv")), '\n');
  ASSERT_EQ(lines.size(), 1u + 2 * 25 + 1);
  EXPECT_EQ(lines[0], "neuron,time,current,membrane,spike");
  EXPECT_EQ(lines[1], "beta 0.5,0,0.2,0.2,0");
  EXPECT_THAT(lines[31], StartsWith("beta 0.95,5,0.2,1.0596"));
  EXPECT_THAT(lines[31], testing::EndsWith(",1"));

  run_well({"--neuron", "hodgkin-huxley", "--duration", "5", "--svg", "b.svg", "--csv", "b.csv"});
  EXPECT_THAT(bytes_of(path("b.svg")), HasSubstr(">membrane (mV)<"));
  const std::string csv = bytes_of(path("b.csv"));
  EXPECT_THAT(csv, StartsWith("time,current,membrane,spike\n0,10,-65,0\n0.01,10,"));
  EXPECT_EQ(split(csv, '\n').size(), 1u + 501 + 1);
}

TEST_F(SnnNeuron, TakesARecordedCurrentForAsLongAsItIs) {
  write_text(path("current.csv"), "current\n0.5\n0.5\n0.5\n0\n");
  const std::string out = run_well({"--current", "current.csv"});
  EXPECT_THAT(out, HasSubstr("current    current.csv\nspikes     1 in 4 steps, the first at 2\n"));
  write_text(path("current.csv"), "0.5\nx\n");
  EXPECT_EQ(error({"--current", "current.csv"}, 3),
            "snn-neuron: current.csv line 2: expected a current, or time,current, found 'x'\n");
  EXPECT_THAT(error({"--current", "none.csv"}, 3), HasSubstr("none.csv: no such file"));
}

TEST_F(SnnNeuron, LosesNoNumberOfARecordedCurrent) {
  const auto answer = [&](const std::string& text) {
    write_text(path("current.csv"), text);
    return run_well({"-T", "4", "--current", "current.csv"});
  };
  const std::string plain = answer("2\n0\n2\n0\n");
  EXPECT_EQ(answer("\xEF\xBB\xBF"
                   "2\r\n0\r\n2\r\n0\r\n"),
            plain);
  EXPECT_EQ(answer("\"2\"\n\"0\"\n\"2\"\n\"0\"\n"), plain);
  EXPECT_NE(answer("0\n2\n0\n"), plain);
  write_text(path("current.csv"), "nan\n2\n");
  EXPECT_EQ(error({"--current", "current.csv"}, 3),
            "snn-neuron: current.csv line 1: expected a current, or time,current, found 'nan'\n");
}

TEST_F(SnnNeuron, SaysWhatIsWrong) {
  EXPECT_EQ(error({"--neuron", "leeky"}),
            "snn-neuron: --neuron: expected leaky, relu, lapicque, synaptic, alpha, plif, adlif, "
            "li, delta-leaky, state-leaky, leaky-parallel, rleaky, rsynaptic, slstm or "
            "hodgkin-huxley, found 'leeky' (did you mean 'leaky'?)\n");
  EXPECT_EQ(error({"--beta", "0.5,0.6"}),
            "snn-neuron: --beta: expected one value; for several neurons: --compare "
            "beta=0.5,0.6\n");
  EXPECT_EQ(error({"--neuron", "hodgkin-huxley", "--beta", "0.5"}),
            "snn-neuron: --beta: the neuron hodgkin-huxley has no such option\n");
  EXPECT_EQ(error({"--neuron", "li", "--threshold", "0.5"}),
            "snn-neuron: --threshold: the neuron li has no such option\n");
  EXPECT_EQ(error({"--neuron", "alpha", "--beta", "0.95"}),
            "snn-neuron: --neuron: alpha: expected alpha above beta, 0.95, found 0.9\n");
  EXPECT_THAT(error({"--compare", "leaky,li:threshold=1"}),
              HasSubstr("--compare: li: unknown option 'threshold'"));
  EXPECT_THAT(error({"--compare", "leaky,hodgkin-huxley"}), HasSubstr("runs in ms"));
  EXPECT_THAT(error({"--compare", "leaky,li", "--alpha", "0.5"}),
              HasSubstr("--alpha: none of the neurons has it"));
  EXPECT_THAT(error({"--compare", "leaky,leeky"}), HasSubstr("(did you mean 'leaky'?)"));
  EXPECT_THAT(error({"--dt", "0.01"}), HasSubstr("only the neuron hodgkin-huxley has it"));
  EXPECT_THAT(error({"--compare", "bta=1"}), HasSubstr("(did you mean 'beta'?)"));
  EXPECT_THAT(error({"--compare", "beta=1", "--beta", "1"}),
              HasSubstr("already given by --compare"));
  EXPECT_THAT(error({"--compare", "beta=0.5,2"}), HasSubstr("expected a number in [0, 1]"));
  EXPECT_THAT(error({"--current", "stpe:1"}), HasSubstr("(did you mean 'step'?)"));
  EXPECT_THAT(error({"--neuron", "hodgkin-huxley", "--dt", "1"}),
              HasSubstr("--dt: expected a number in [0.0001, 0.05], found '1'"));
  EXPECT_THAT(error({"--neuron", "hodgkin-huxley", "--duration", "1e5", "--dt", "0.001"}),
              HasSubstr("at most 10,000,000 steps"));
  EXPECT_THAT(error({"--svg", "no/a.svg"}), HasSubstr("--svg: there is no folder no\n"));
  EXPECT_THAT(error({"--csv", "/dev/full"}, 1), HasSubstr("cannot write /dev/full"));
  EXPECT_THAT(error({"--neuron", "hodgkin-huxley", "--current", "step:1e9"}, 4),
              HasSubstr("try a smaller --dt"));
  EXPECT_EQ(error({"--neuron", "hodgkin-huxley", "--duration", "0.001"}),
            "snn-neuron: --duration: expected at least one step of dt, 0.01 ms, found 0.001\n");
  EXPECT_EQ(error({"--current", "step:1e300", "--svg", "a.svg"}, 4),
            "snn-neuron: the membrane exceeds single precision at step 0; try a smaller "
            "--current\n");
  EXPECT_FALSE(std::filesystem::exists(path("a.svg")));
}

TEST_F(SnnNeuron, RoundsNoTimeThatIsLong) {
  EXPECT_THAT(run_well({"-T", "100000", "--current", "step:0.2,start=98765"}),
              HasSubstr("in 100000 steps, the first at 98770\n"));
}

}  // namespace
}  // namespace snn::cli
