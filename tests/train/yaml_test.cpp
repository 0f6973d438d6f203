#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "snn/train/config_text.h"
#include "snn/train/option.h"
#include "snn/train/settings.h"
#include "train/option_table.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Settings read(std::string_view yaml) {
  Settings settings;
  apply_yaml(yaml, "study.yaml", settings);
  return settings;
}

Config config_of(std::string_view yaml) {
  const Settings settings = read(yaml);
  EXPECT_THAT(settings.problems, ElementsAre()) << yaml;
  return settings.config;
}

// The only problem of `yaml`.
std::string problem(std::string_view yaml) {
  const Settings settings = read(yaml);
  EXPECT_EQ(settings.problems.size(), 1u) << yaml;
  EXPECT_EQ(settings.config, Config{}) << yaml;
  return settings.problems.empty() ? "" : settings.problems[0];
}

std::string file(const std::string& path) {
  std::ifstream stream(std::string(SNN_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(ApplyYaml, ReadsEveryKindOfValue) {
  const Config config = config_of(R"(---
beta: [0.9, 0.8]   # a comment
hidden: 800, 400
batch_size: "64"
learn-beta: [true, false]
surrogate: [atan, sfs:slope=20,b=1]
reset: zero
steps: 010
lr: 1e-3
run-name: 'null'
out-dir: "a: b"
)");
  EXPECT_EQ(option_text(config, "beta"), "0.9,0.8");
  EXPECT_THAT(config.hidden, ElementsAre(800, 400));
  EXPECT_EQ(config.batch_size, 64);
  EXPECT_EQ(option_text(config, "learn-beta"), "true,false");
  EXPECT_EQ(option_text(config, "surrogate"), "atan:alpha=2,sfs:slope=20,b=1");
  EXPECT_EQ(option_text(config, "reset"), "zero");
  EXPECT_EQ(config.steps, 10);
  EXPECT_EQ(config.lr, 0.001);
  EXPECT_EQ(config.run_name, "null");
  EXPECT_EQ(config.out_dir, "a: b");
}

TEST(ApplyYaml, TakesNothingFromAnEmptyFile) {
  for (const char* yaml : {"", "\n\n", "# only a comment\n", "---\n", "{}"}) {
    EXPECT_EQ(config_of(yaml), Config{});
  }
  EXPECT_THAT(config_of("hidden: []").hidden, ElementsAre());
}

TEST(ApplyYaml, NotesWhereAValueCameFrom) {
  EXPECT_EQ(read("# x\n\nbeta: 0.5\r\nlr: 0.1").origin.at("beta"), "study.yaml line 3");
  EXPECT_EQ(read("# x\n\nbeta: 0.5\r\nlr: 0.1").origin.at("lr"), "study.yaml line 4");
}

TEST(ApplyYaml, CollectsProblemsWithTheirLines) {
  const Settings settings = read(R"(bata: 0.9
steps: 20
beta: abc
lr:
steps: 30
batch_size: 7
batch-size: 8
reset: {a: b}
hidden: [800, [3]]
loss: [ce-rate]
seed: ~
beta: 0.3
)");
  EXPECT_THAT(settings.problems,
              ElementsAre("study.yaml line 1: unknown option 'bata' (did you mean 'beta'?)",
                          "study.yaml line 3: beta: expected a number in [0, 1], found 'abc'",
                          "study.yaml line 5: duplicate option 'steps' (first on line 2)",
                          "study.yaml line 7: duplicate option 'batch-size' (first on line 6)",
                          "study.yaml line 8: reset: expected a value or a list of values, found a "
                          "map; write options at the top level, not in sections",
                          "study.yaml line 9: hidden: expected values in the list, found a list",
                          "study.yaml line 10: loss: expected a value, found a list",
                          "study.yaml line 12: duplicate option 'beta' (first on line 3)"));
  EXPECT_EQ(settings.config.steps, 20);
  EXPECT_EQ(settings.config.batch_size, 7);
}

TEST(ApplyYaml, RefusesWhatIsNotOneMap) {
  EXPECT_EQ(problem("- 1"), "study.yaml line 1: expected option: value, found a list");
  EXPECT_EQ(problem("hello"), "study.yaml line 1: expected option: value, found 'hello'");
  EXPECT_EQ(problem("---\n---\nlr: 2"), "study.yaml line 2: expected one document, found a second");
  EXPECT_EQ(problem("[a, b]: 1"),
            "study.yaml line 1: expected the name of an option, found a list");
  EXPECT_EQ(problem("\n\x04lr: 1"), "study.yaml line 2: not a text file: control character found");
  EXPECT_EQ(problem(std::string("\0", 1)),
            "study.yaml line 1: not a text file: control character found");
}

TEST(ApplyYaml, SaysWhereTheSyntaxIsWrong) {
  for (const char* yaml : {"\nlr: [1", "\nlr: a: b", "\nlr: \"1", "\nlr: *x", "\n\tlr: 1"}) {
    EXPECT_THAT(problem(yaml), testing::ContainsRegex("^study.yaml line [23], column [0-9]+: "
                                                      "not valid YAML: [a-z]"));
  }
}

TEST(ApplyYaml, SurvivesEndlessAliases) {
  EXPECT_THAT(problem("layers: &a [*a]"), HasSubstr("line 1: layers: nested too deeply"));
  std::string bomb = "layers:\n - &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 7; ++i) {
    bomb += " - &a" + std::to_string(i) + " [";
    for (int k = 0; k < 20; ++k) bomb += (k > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(problem(bomb), HasSubstr("nested too deeply"));
}

TEST(ApplyYaml, ReadsLayers) {
  const Config config = config_of(R"(
layers:
  - linear: {outputs: 3}
    leaky: {beta: [0.1, 0.2, 0.3], learn_beta: true, surrogate: 'sfs:slope=20,b=1'}
  - linear: {outputs: 10, bias: false}
)");
  EXPECT_EQ(layers_from_json(config.layers),
            (std::vector<LayerSpec>{{LinearSpec{3}, LeakyOptions(PerNeuron{0.1, 0.2, 0.3})
                                                        .learn_beta(true)
                                                        .surrogate(Surrogate::sfs(20, 1))},
                                    {LinearSpec{10, false}, LeakyOptions()}}));
  EXPECT_EQ(problem("layers: [{linear: {outputs: 5}, leaky: {bata: 1}}]"),
            "study.yaml line 1: layers: layer 1: leaky: unknown key 'bata' (did you mean 'beta'?)");
  EXPECT_EQ(problem("layers: [{linear: {outputs: 5}, linear: {outputs: 6}}]"),
            "study.yaml line 1: layers: duplicate key 'linear'");
  EXPECT_EQ(problem("layers: [{linear: {outputs: '5'}}]"),
            "study.yaml line 1: layers: layer 1: linear: outputs: expected an integer, found '5'");
}

// A configuration in which every value differs from the default.
Config unusual() {
  Config config;
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"dataset", "fashion-mnist"},
           {"data-dir", "/my data/x"},
           {"limit-train", "1"},
           {"limit-test", "2"},
           {"validation", "3"},
           {"encoding", "rate:gain=0.5,offset=0.1,first=2"},
           {"hidden", "8,4"},
           {"delays", "axon"},
           {"max-delay", "7"},
           {"readout", "li:beta=0.5"},
           {"steps", "7"},
           {"beta", "0.1,0.3333333333333333,0.2"},
           {"threshold", "5e-5"},
           {"decision", "membrane"},
           {"reset", "none,zero,none"},
           {"reset-delay", "false"},
           {"surrogate", "sfs:slope=2,b=3,atan,sigmoid"},
           {"graded-spikes-factor", "2"},
           {"inhibition", "true"},
           {"refractory", "3"},
           {"state-quant", "none,uniform:bits=4,none"},
           {"learn-beta", "true,false,true"},
           {"learn-threshold", "true"},
           {"learn-graded-spikes-factor", "true"},
           {"dropout", "0.25"},
           {"dropout-per-step", "true"},
           {"loss", "ce-rate:smoothing=0.1 + 0.5*mse-count"},
           {"class-weights", "1,0.5,2"},
           {"population", "5"},
           {"regularize", "1e-06*spikes + 0.1*rate-band:low=0.01,high=0.3"},
           {"top-k", "3"},
           {"epochs", "9"},
           {"batch-size", "11"},
           {"accumulate", "3"},
           {"lr", "1e-9"},
           {"optimizer", "sgd"},
           {"momentum", "0.9"},
           {"weight-decay", "0.01"},
           {"lr-schedule", "step:every=2,gamma=0.5"},
           {"lr-warmup", "0.5"},
           {"clip-grad-norm", "1"},
           {"max-norm", "2"},
           {"ema", "0.99"},
           {"tbptt", "5"},
           {"patience", "4"},
           {"seed", "9223372036854775807"},
           {"device", "cuda:1"},
           {"threads", "3"},
           {"engine", "reference"},
           {"simd", "avx2"},
           {"out-dir", "it's: #1"},
           {"run-name", "010"},
           {"resume", "auto"},
           {"checkpoint-every", "500"},
           {"log-level", "off"},
           {"quiet", "true"},
           {"progress", "false"},
           {"json", "true"},
           {"tensorboard", "true"},
           {"report", "false"}}) {
    EXPECT_EQ(find_option(name)->parse(config, text), "") << name;
  }
  return config;
}

TEST(ToYaml, ReadsBackExactly) {
  for (const Config& config : {Config{}, unusual()}) {
    EXPECT_EQ(config_of(to_yaml(config)), config);
    EXPECT_EQ(to_yaml(config_of(to_yaml(config))), to_yaml(config));
  }
  for (const Option& option : options()) {
    if (option.name == "layers" || option.name == "neuron") continue;  // they replace others
    if (is_without_effect(option, Config{})) continue;                 // options of other neurons
    EXPECT_NE(option.format(unusual()), option.format(Config{})) << option.name;
  }
}

TEST(ToYaml, GroupsTheOptions) {
  const std::string yaml = to_yaml(Config{});
  EXPECT_THAT(yaml, testing::StartsWith("# Data\ndataset: mnist\n"));
  EXPECT_THAT(
      yaml,
      HasSubstr(
          "\n\n# Network\nhidden: 500\nsteps: 25\nneuron: leaky\nreadout: same\nbeta: 0.95\n"));
  EXPECT_THAT(yaml, HasSubstr("\nlr: 0.001\n"));
  EXPECT_THAT(to_yaml(unusual()), HasSubstr("\nhidden: [8, 4]\n"));
  EXPECT_THAT(to_yaml(unusual()),
              HasSubstr("\nsurrogate: ['sfs:slope=2,b=3', atan:alpha=2, sigmoid:slope=25]\n"));
}

TEST(ToYaml, QuotesTextsThatYamlWouldReadOtherwise) {
  for (const char* name :
       {"",   "010", "1e3", "null", "True", "off", "a: b", "a #b",       "#a",    "it's", "'",
        "\"", " a ", "a:",  "- a",  "[a]",  "{a}", "*a",   "&a",         "!a",    "%a",   "@a",
        "`a", "|",   ">",   "a, b", "?",    "=",   "<<",   "2024-01-01", "Größe", "\\n"}) {
    Config config;
    config.out_dir = name;
    EXPECT_EQ(config_of(to_yaml(config)).out_dir, name);
  }
  Config config;
  config.run_name = "null";
  EXPECT_THAT(to_yaml(config), HasSubstr("run-name: 'null'\n"));
  config.run_name = "010";
  EXPECT_THAT(to_yaml(config), HasSubstr("run-name: '010'\n"));
}

TEST(ToYaml, PrintsLayersInsteadOfWhatTheyReplace) {
  Config config;
  config.layers = layers_to_json({{LinearSpec{3}, LeakyOptions(PerNeuron{0.1, 0.2, 1.0 / 3})},
                                  {LinearSpec{10}, LeakyOptions().surrogate(Surrogate::sfs())}});
  const std::string yaml = to_yaml(config);
  EXPECT_THAT(yaml,
              HasSubstr("\nlayers:\n  - linear: {outputs: 3, bias: true}\n    leaky: {beta: ["));
  EXPECT_THAT(yaml, Not(HasSubstr("hidden")));
  Settings settings = read(yaml);
  check_together(settings);
  EXPECT_THAT(settings.problems, ElementsAre());
  EXPECT_EQ(settings.config, config);
  EXPECT_EQ(to_yaml(settings.config), yaml);
}

TEST(ToYaml, LeavesOutWhatTheNeuronsDoNotHave) {
  Config config;
  config.neuron = kKindOf<ReluOptions>;
  const std::string yaml = to_yaml(config);
  EXPECT_THAT(yaml, HasSubstr("\nhidden: 500\nsteps: 25\nneuron: relu\nreadout: same\n"
                              "delays: none\nmax-delay: 10\ndropout: 0\n"
                              "dropout-per-step: false\nlayers: []\n"));
  Settings settings = read(yaml);
  check_together(settings);
  EXPECT_THAT(settings.problems, ElementsAre());
  EXPECT_EQ(settings.config, config);
}

TEST(Configs, DefaultYamlStatesEveryDefault) {
  Settings settings = read(file("configs/default.yaml"));
  check_together(settings);
  EXPECT_THAT(settings.problems, ElementsAre());
  EXPECT_EQ(settings.config, Config{});
  for (const Option& option : options()) {
    EXPECT_NE(settings.is_set(option), is_without_effect(option, Config{})) << option.name;
  }
  EXPECT_EQ(file("configs/default.yaml"), default_yaml())
      << "write it with: build/snn-train --print-defaults > configs/default.yaml";
}

TEST(Configs, StudyYamlIsTheStudysSetting) {
  Config study;
  set_option(study, "surrogate", "spike-operator");
  study.decision = Decision::kCount;
  EXPECT_EQ(config_of(file("configs/study.yaml")), study);
}

TEST(Configs, FashionMnistYamlIsValid) {
  Settings settings = read(file("configs/fashion-mnist.yaml"));
  check_together(settings);
  EXPECT_THAT(settings.problems, ElementsAre());
  EXPECT_EQ(settings.config.dataset, DatasetName::kFashionMnist);
}

}  // namespace
}  // namespace snn
