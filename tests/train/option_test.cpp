#include "snn/train/option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "snn/train/settings.h"
#include "support/error_of.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The problem with `text` as a value of the option, or nothing.
std::string problem(const char* option, std::string_view text) {
  Config config;
  return find_option(option)->parse(config, text);
}
std::string canonical(const char* option, std::string_view text) {
  Config config;
  EXPECT_EQ(find_option(option)->parse(config, text), "") << option << " " << text;
  return find_option(option)->format(config);
}

TEST(Options, HaveUniqueNames) {
  std::set<std::string> names;
  std::set<char> short_names;
  for (const Option& option : options()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_FALSE(option.name.starts_with("no-")) << "would be taken for a negation";
    if (option.short_name == '\0') continue;
    EXPECT_TRUE(short_names.insert(option.short_name).second) << option.name;
  }
}

TEST(Options, ReadTheirOwnDefaults) {
  for (const Option& option : options()) {
    Config config;
    EXPECT_EQ(option.parse(config, option.format(Config{})), "") << option.name;
    EXPECT_EQ(config, Config{}) << option.name;
    EXPECT_FALSE(option.help.empty() || option.value.empty()) << option.name;
  }
}

TEST(Options, OnlyRunOptionsAreOutsideTheResult) {
  for (const Option& option : options()) {
    const bool is_run = option.group == Group::kRun || option.name == "data-dir";
    EXPECT_EQ(option.scope == Scope::kRun, is_run) << option.name;
  }
}

TEST(FindOption, TakesHyphensAndUnderscores) {
  EXPECT_EQ(find_option("batch-size"), find_option("batch_size"));
  EXPECT_NE(find_option("batch-size"), nullptr);
  EXPECT_EQ(find_option("batch"), find_option("batch-size"));
  EXPECT_EQ(find_option("batches"), nullptr);
}

TEST(Options, KeepTheirRanges) {
  EXPECT_EQ(problem("beta", "1.1"), "expected a number in [0, 1], found '1.1'");
  EXPECT_EQ(problem("beta", "abc"), "expected a number in [0, 1], found 'abc'");
  EXPECT_EQ(problem("beta", "nan"), "expected a number in [0, 1], found 'nan'");
  EXPECT_EQ(problem("threshold", "0"), "expected a number > 0, found '0'");
  EXPECT_EQ(problem("lr", "-1"), "expected a number > 0, found '-1'");
  EXPECT_EQ(problem("lr", ""), "expected a number > 0, found nothing");
  EXPECT_EQ(problem("steps", "0"), "expected an integer in [1, 100000], found '0'");
  EXPECT_EQ(problem("steps", "100001"), "expected an integer in [1, 100000], found '100001'");
  EXPECT_EQ(problem("epochs", "5.0"), "expected an integer in [1, 1000000], found '5.0'");
  EXPECT_EQ(problem("seed", "9223372036854775808"),
            "expected an integer >= 0, found '9223372036854775808'");
  EXPECT_EQ(canonical("seed", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(canonical("steps", "010"), "10");
  for (const char* name : {"beta", "threshold", "lr", "momentum", "batch-size", "limit-train",
                           "validation", "patience", "clip-grad-norm", "threads", "lr-warmup"}) {
    EXPECT_NE(problem(name, "-1"), "") << name;
  }
}

TEST(Options, KeepTheirNames) {
  EXPECT_EQ(problem("reset", "substract"),
            "expected subtract, zero, none or subtract-beta, found 'substract' (did you mean "
            "'subtract'?)");
  EXPECT_EQ(canonical("dataset", "fashion_mnist"), "fashion-mnist");
  EXPECT_EQ(problem("log-level", "loud"),
            "expected trace, debug, info, warning, error or off, found 'loud'");
  EXPECT_EQ(problem("json", "maybe"), "expected true or false, found 'maybe'");
}

TEST(Options, ReadLists) {
  EXPECT_EQ(canonical("hidden", "800,400"), "800,400");
  EXPECT_EQ(canonical("hidden", "[800, 400]"), "800,400");
  EXPECT_EQ(canonical("hidden", "[]"), "none");
  EXPECT_EQ(canonical("hidden", "none"), "none");
  EXPECT_EQ(problem("hidden", "800,"), "expected an integer in [1, 1000000], found nothing");
  EXPECT_EQ(problem("hidden", ""), "expected an integer in [1, 1000000], found nothing");
  EXPECT_EQ(problem("beta", "[]"), "expected at least one value, found none");
  EXPECT_EQ(canonical("learn-beta", "true,false"), "true,false");
  EXPECT_EQ(canonical("surrogate", "atan:alpha=2,sfs:slope=20,b=1,sigmoid"),
            "atan:alpha=2,sfs:slope=20,b=1,sigmoid:slope=25");
  EXPECT_THAT(problem("surrogate", "b=1"), HasSubstr("expected a surrogate"));
}

TEST(Options, CheckDevices) {
  for (const char* device : {"auto", "cpu", "cuda", "cuda:0", "cuda:12"}) {
    EXPECT_EQ(canonical("device", device), device);
  }
  for (const char* device : {"", "cuda:", "cuda:-1", "cuda:x", "cuda:01", "tpu"}) {
    EXPECT_NE(problem("device", device), "") << device;
  }
}

TEST(Options, CheckRunNames) {
  for (const char* name : {"", "a", "lr 0.1", ".hidden", "010", "Größe"}) {
    EXPECT_EQ(canonical("run-name", name), name);
  }
  for (const char* name : {".", "..", "a/b", "/", "a/", "-x", "latest", "a\nb", "\xff"}) {
    EXPECT_NE(problem("run-name", name), "") << name;
  }
}

TEST(Options, StoreLayersCanonically) {
  const std::string layers = canonical("layers", R"([ {"linear": {"outputs": 10}} ])");
  EXPECT_THAT(layers, HasSubstr(R"("learn-beta":false)"));
  EXPECT_EQ(canonical("layers", layers), layers);
  EXPECT_EQ(canonical("layers", "[]"), "[]");
  EXPECT_EQ(problem("layers", "10"), "layers: expected a list of layers, found 10");
  EXPECT_EQ(problem("layers", R"([{"linear": {"outputs": 10}, "leaky": {"beta": 9}}])"),
            "layer 1: leaky: beta: expected a number in [0, 1], found 9");
}

TEST(Options, KeepTheirValueWhenTheTextIsWrong) {
  for (const Option& option : options()) {
    Config config;
    if (option.parse(config, "\x01").empty()) ADD_FAILURE() << option.name;
    EXPECT_EQ(config, Config{}) << option.name;
  }
}

Settings settings_of(std::initializer_list<std::pair<const char*, const char*>> values) {
  Settings settings;
  for (const auto& [name, text] : values) {
    apply_option(*find_option(name), text, std::string("--") + name, settings);
  }
  check_together(settings);
  return settings;
}

TEST(ApplyOption, NotesTheOriginOrTheProblem) {
  Settings settings;
  apply_option(*find_option("lr"), "0.5", "a.yaml line 3", settings);
  apply_option(*find_option("beta"), "2", "a.yaml line 4", settings);
  EXPECT_EQ(settings.origin.at("lr"), "a.yaml line 3");
  EXPECT_FALSE(settings.is_set(*find_option("beta")));
  EXPECT_THAT(settings.problems,
              ElementsAre("a.yaml line 4: beta: expected a number in [0, 1], found '2'"));
}

TEST(CheckTogether, CountsPerLayerValues) {
  EXPECT_THAT(settings_of({{"hidden", "5,6"}, {"beta", "0.1,0.2,0.3"}}).problems, ElementsAre());
  EXPECT_THAT(settings_of({{"hidden", "none"}, {"beta", "0.1"}}).problems, ElementsAre());
  EXPECT_THAT(settings_of({{"hidden", "5,6"}, {"beta", "0.1,0.2"}}).problems,
              ElementsAre("--beta: expected 1 value or 3 (one per layer), found 2"));
  EXPECT_THAT(settings_of({{"surrogate", "sfs:slope=1,b=1,atan"}}).problems, ElementsAre());
  EXPECT_THAT(settings_of({{"hidden", "none"}, {"reset", "zero,none"}}).problems,
              ElementsAre("--reset: expected 1 value, found 2"));
}

TEST(CheckTogether, RefusesWhatLayersReplaces) {
  const char* layers = R"([{"linear": {"outputs": 10}}])";
  EXPECT_THAT(settings_of({{"layers", layers}, {"steps", "5"}}).problems, ElementsAre());
  EXPECT_THAT(settings_of({{"layers", layers}, {"beta", "0.5"}, {"hidden", "5"}}).problems,
              ElementsAre("--hidden: cannot be combined with layers (--layers), which defines it",
                          "--beta: cannot be combined with layers (--layers), which defines it"));
  Settings resumed = settings_of({{"layers", layers}});
  apply_option(*find_option("beta"), "0.5", std::string(kCheckpointOrigin), resumed);
  check_together(resumed);
  EXPECT_THAT(resumed.problems, ElementsAre());
}

TEST(CheckTogether, RefusesOptionsThatTheNeuronsDoNotHave) {
  EXPECT_THAT(settings_of({{"neuron", "relu"}, {"steps", "1"}, {"hidden", "5"}}).problems,
              ElementsAre());
  EXPECT_THAT(
      settings_of({{"neuron", "relu"}, {"reset-delay", "false"}, {"learn-tau", "false"}}).problems,
      ElementsAre("--reset-delay: only leaky, synaptic, rleaky or rsynaptic neurons have it; the "
                  "neuron is relu",
                  "--learn-tau: only plif neurons have it; the neuron is relu"));
  const char* layers = R"([{"linear": {"outputs": 10}}])";
  EXPECT_THAT(settings_of({{"layers", layers}, {"neuron", "relu"}}).problems,
              ElementsAre("--neuron: cannot be combined with layers (--layers), which defines it"));
}

TEST(CheckTogether, RefusesWhatHasNoEffectBesideTheOthers) {
  EXPECT_THAT(settings_of({{"max-delay", "5"}}).problems,
              ElementsAre("--max-delay: there are no delays; add --delays"));
  EXPECT_THAT(settings_of({{"max-delay", "5"}, {"delays", "axon"}}).problems, ElementsAre());
  EXPECT_THAT(settings_of({{"dropout-per-step", "true"}}).problems,
              ElementsAre("--dropout-per-step: there is no dropout; add --dropout"));
  EXPECT_THAT(settings_of({{"dropout", "0.5"}, {"hidden", "none"}}).problems,
              ElementsAre("--dropout: there are no hidden neurons to drop"));
}

TEST(CheckTogether, RefusesAMomentumThatNothingUses) {
  EXPECT_THAT(settings_of({{"momentum", "0.9"}, {"optimizer", "sgd"}}).problems, ElementsAre());
  EXPECT_THAT(settings_of({{"momentum", "0.9"}}).problems,
              ElementsAre("--momentum: only the optimizer sgd has momentum; the optimizer is "
                          "adam"));
}

TEST(ThrowIfWrong, ShowsOneProblemOrAList) {
  Settings settings;
  throw_if_wrong(settings);
  settings.problems = {"a is wrong"};
  EXPECT_EQ(error_of([&] { throw_if_wrong(settings); }), "a is wrong");
  settings.problems.push_back("b is wrong");
  EXPECT_EQ(error_of([&] { throw_if_wrong(settings); }),
            "2 problems in the configuration:\n  a is wrong\n  b is wrong");
}

TEST(ResultOptions, ReadBackFromJson) {
  Config config;
  set_option(config, "beta", "0.1," + format_real(1.0 / 3));
  set_option(config, "surrogate", "sfs");
  config.lr_schedule = parse_schedule("step:every=3");
  config.hidden = {7};
  const std::string json = result_options_to_json(config);
  EXPECT_EQ(config_from_json(json), config);
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

TEST(ResultOptions, LeaveOutHowARunIsDone) {
  Config config;
  config.data_dir = "/some/where";
  config.run_name = "x";
  config.threads = 3;
  EXPECT_EQ(result_options_to_json(config), result_options_to_json(Config{}));
}

TEST(ConfigFromJson, RefusesWhatIsNotACompleteSetOfOptions) {
  const std::string json = result_options_to_json(Config{});
  const auto error_with = [&](const std::string& part, const std::string& other) {
    std::string changed = json;
    changed.replace(changed.find(part), part.size(), other);
    try {
      config_from_json(changed);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kCheckpoint);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error_with(R"("steps":"25",)", ""), "options: steps is missing");
  EXPECT_EQ(error_with(R"("steps":)", R"("stops":)"), "options: unknown option 'stops'");
  EXPECT_EQ(error_with(R"("steps":)", R"("threads":)"), "options: unknown option 'threads'");
  EXPECT_EQ(error_with(R"("25")", "25"), "options: steps: expected a string");
  EXPECT_EQ(error_with(R"("25")", R"("x")"),
            "options: steps: expected an integer in [1, 100000], found 'x'");
  EXPECT_EQ(error_with("{", "["), "options: not valid JSON at byte 11");
  EXPECT_EQ(error_with(json, "[]"), "options: expected a JSON object");
}

TEST(ConfigFromJson, GivesOptionsYoungerThanTheFileTheirLegacyValue) {
  std::vector<Option> table(options().begin(), options().end());
  std::ranges::find(table, "patience", &Option::name)->legacy = "7";
  std::string json = result_options_to_json(Config{});
  EXPECT_EQ(config_from_json(json, table), Config{}) << "the file says 0";
  const std::string stated = R"("patience":"0",)";
  json.erase(json.find(stated), stated.size());
  Config expected;
  expected.patience = 7;
  EXPECT_EQ(config_from_json(json, table), expected);
  EXPECT_EQ(error_of([&] { config_from_json(json); }), "options: patience is missing");
}

TEST(SetOption, TakesWhatAFlagWould) {
  Config config;
  set_option(config, "batch_size", "64");
  EXPECT_EQ(config.batch_size, 64);
  EXPECT_EQ(option_text(config, "batch-size"), "64");
  EXPECT_EQ(error_of([&] { set_option(config, "beta", "2"); }),
            "beta: expected a number in [0, 1], found '2'");
  EXPECT_EQ(error_of([&] { set_option(config, "bata", "1"); }),
            "unknown option 'bata' (did you mean 'beta'?)");
}

TEST(Options, AreKnownByTheirMembers) {
  EXPECT_EQ(option_of(&Config::seed).name, "seed");
  EXPECT_EQ(option_of(&Config::data_dir).name, "data-dir");
  EXPECT_EQ(option_of(&Config::report).name, "report");
}

TEST(NeuronOptions, AreThoseOfTheNeuronsFields) {
  const Option& beta = *find_option("beta");
  EXPECT_TRUE(beta.is_per_layer && beta.is_number && beta.is_sweepable);
  EXPECT_THAT(beta.neurons, testing::Contains(kKindOf<LeakyOptions>));
  EXPECT_THAT(beta.neurons, testing::Not(testing::Contains(kKindOf<ReluOptions>)));
  EXPECT_TRUE(find_option("learn-beta")->is_switch);
  // Stating a default has the same effect as omitting it.
  Config config;
  set_option(config, "beta", "0.95");
  EXPECT_EQ(config, Config{});
  set_option(config, "beta", "0.950,0.5");
  EXPECT_EQ(option_text(config, "beta"), "0.95,0.5");
}

TEST(NetworkSpecOfConfig, HasMoreClassesThanTopK) {
  Config config;
  config.top_k = 9;
  EXPECT_EQ(error_of([&] { network_spec(config, {4}, 10); }), "no error");
  config.top_k = 10;
  EXPECT_EQ(error_of([&] { network_spec(config, {4}, 10); }),
            "top-k: expected fewer than the 10 classes, found 10");
}

TEST(NetworkSpecOfConfig, GivesEachLayerItsValues) {
  Config config;
  config.hidden = {20, 30};
  set_option(config, "beta", "0.1,0.2,0.3");
  set_option(config, "learn-beta", "false,true,false");
  set_option(config, "reset", "zero");
  const NetworkSpec spec = network_spec(config, {1, 28, 28}, 10);
  ASSERT_EQ(summary_of(spec), "784-20-30-10");
  const auto& middle = std::get<LeakyOptions>(spec.layers[1].neuron);
  EXPECT_EQ(middle, LeakyOptions(0.2).learn_beta(true).reset(Reset::kZero));
  config.hidden = {};
  EXPECT_EQ(error_of([&] {
              network_spec(config, {1, 28, 28}, 10);
            }),
            "beta: expected 1 value, found 3");
}

TEST(NetworkSpecOfConfig, GivesTheLastLayerItsReadout) {
  Config config;
  config.hidden = {20, 30};
  set_option(config, "readout", "LI:beta=0.50");
  EXPECT_EQ(option_text(config, "readout"), "li:beta=0.5");
  set_option(config, "beta", "0.1,0.2");
  set_option(config, "threshold", "0.7");
  const NetworkSpec spec = network_spec(config, {4}, 10);
  EXPECT_EQ(summary_of(spec), "4-20-30-10 leaky-leaky-li");
  EXPECT_EQ(spec.layers[1].neuron, NeuronSpec(LeakyOptions(0.2).threshold(0.7)));
  EXPECT_EQ(spec.layers[2].neuron, NeuronSpec(LiOptions(0.5)));
  // The options of neurons are not those of the readout, even of one kind.
  set_option(config, "readout", "leaky");
  EXPECT_EQ(network_spec(config, {4}, 10).layers[2].neuron, NeuronSpec(LeakyOptions()));
  EXPECT_EQ(config_from_json(result_options_to_json(config)), config);
  set_option(config, "beta", "0.1,0.2,0.3");
  EXPECT_EQ(error_of([&] { network_spec(config, {4}, 10); }),
            "beta: expected 1 value or 2 (one per hidden layer), found 3");
  set_option(config, "readout", "same");
  EXPECT_EQ(network_spec(config, {4}, 10).layers[2].neuron,
            NeuronSpec(LeakyOptions(0.3).threshold(0.7)));
  EXPECT_EQ(error_of([&] { set_option(config, "readout", "li:threshold=1"); }),
            "readout: li: unknown option 'threshold'");
}

TEST(ConfigFromJson, TakesTheNeuronsOfAFileThatKnowsOnlyLeakyOnes) {
  std::string json = result_options_to_json(Config{});
  const std::string stated = R"("neuron":"leaky",)";
  json.erase(json.find(stated), stated.size());
  EXPECT_EQ(config_from_json(json), Config{});
}

TEST(NetworkSpecOfConfig, BuildsReluNeurons) {
  Config config;
  config.hidden = {3};
  config.neuron = kKindOf<ReluOptions>;
  set_option(config, "beta", "0.1,0.2,0.3");  // without effect, whatever the value
  EXPECT_EQ(network_spec(config, {4}, 2),
            (NetworkSpec{{4}, {{LinearSpec{3}, ReluOptions{}}, {LinearSpec{2}, ReluOptions{}}}}));
}

TEST(NetworkSpecOfConfig, DropsTheSpikesOfHiddenNeurons) {
  Config config;
  config.hidden = {20, 30};
  config.dropout = 0.3;
  config.dropout_per_step = true;
  const NetworkSpec spec = network_spec(config, {4}, 10);
  EXPECT_EQ(spec.layers[0].synapse, std::vector<SynapseSpec>{LinearSpec{20}});
  const DropoutSpec dropout{0.3, true};
  EXPECT_EQ(spec.layers[1].synapse, (std::vector<SynapseSpec>{dropout, LinearSpec{30}}));
  EXPECT_EQ(spec.layers[2].synapse, (std::vector<SynapseSpec>{dropout, LinearSpec{10}}));
  EXPECT_EQ(layers_from_json(layers_to_json(spec.layers)), spec.layers);
  EXPECT_EQ(error_of([] {
              layers_from_json(R"([{"dropout": {"p": 1}, "linear": {"outputs": 1}, "leaky": {}}])");
            }),
            "layer 1: dropout: p: expected a number in [0, 1), found 1");
}

TEST(NetworkSpecOfConfig, TakesLayersAsTheyAre) {
  Config config;
  config.layers = canonical("layers", R"([{"linear": {"outputs": 10, "bias": false}}])");
  EXPECT_EQ(network_spec(config, {4}, 10), (NetworkSpec{{4}, {{LinearSpec{10, false}, {}}}}));
  EXPECT_EQ(error_of([&] { network_spec(config, {4}, 9); }),
            "layers: the last layer has 10 neurons, but the data set has 9 classes");
}

}  // namespace
}  // namespace snn
