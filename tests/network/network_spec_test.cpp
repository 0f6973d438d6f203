#include "snn/network/network_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/error_of.h"

namespace snn {
namespace {

using testing::HasSubstr;

NetworkSpec example() {
  return {{1, 28, 28},
          {{LinearSpec{3, false},
            LeakyOptions({0.1, 0.2, 1.0 / 3}).surrogate(Surrogate::sfs()).learn_beta(true)},
           {LinearSpec{10}, LeakyOptions(0.5).reset(Reset::kNone).reset_delay(false)}}};
}

TEST(NetworkSpec, KnowsItsWidths) {
  EXPECT_EQ(input_shape(example(), 0), (Shape{1, 28, 28}));
  EXPECT_EQ(input_shape(example(), 1), (Shape{3}));
  EXPECT_EQ(output_shape(example(), 1), (Shape{10}));
  EXPECT_EQ(output_count(example()), 10);
  EXPECT_EQ(summary_of(example()), "784-3-10");
}

TEST(NetworkSpec, CountsWhatTrainingChanges) {
  // The parameters are the weights, the biases of the second layer, and the three betas of the
  // first.
  EXPECT_EQ(parameter_count(example()), 784 * 3 + 3 * 10 + 10 + 3);
}

// In a chain, the second operation takes the output of the first.
TEST(NetworkSpec, ChainsOperations) {
  NetworkSpec spec = example();
  spec.layers[0].synapse = {LinearSpec{5}, LinearSpec{3, false}};
  EXPECT_NO_THROW(check(spec));
  EXPECT_EQ(input_shape(spec, 1), (Shape{3}));
  EXPECT_EQ(synapse_name(spec, 0, 0), "fc1");
  EXPECT_EQ(synapse_name(spec, 0, 1), "fc1_2");
  EXPECT_EQ(parameter_count(spec), (784 + 1) * 5 + 5 * 3 + 3 * 10 + 10 + 3);
  spec.layers[0].synapse = {};
  EXPECT_EQ(error_of([&] { check(spec); }),
            "layer 1: expected a synapse such as linear, found none");
}

TEST(NetworkSpec, ReadsBackFromJsonExactly) {
  const std::string json = to_json(example());
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_EQ(network_spec_from_json(json), example());
  EXPECT_EQ(to_json(network_spec_from_json(json)), json);
  EXPECT_EQ(layers_from_json(layers_to_json(example().layers)), example().layers);
}

TEST(NetworkSpec, NamesNeuronsThatAreNotLeaky) {
  NetworkSpec spec = example();
  spec.layers[0].neuron = ReluOptions{};
  EXPECT_EQ(summary_of(spec), "784-3-10 relu-leaky");
  EXPECT_EQ(neuron_name(spec, 0), "relu1");
  EXPECT_EQ(neuron_name(spec, 1), "lif2");
  EXPECT_EQ(parameter_count(spec), 784 * 3 + 3 * 10 + 10);
  EXPECT_EQ(network_spec_from_json(to_json(spec)), spec);
  spec.layers[1].neuron = ReluOptions{};
  EXPECT_EQ(summary_of(spec), "784-3-10 relu");
  EXPECT_EQ(layers_to_json({spec.layers[0]}),
            R"([{"linear":{"outputs":3,"bias":false},"relu":{}}])");
}

TEST(LayersFromJson, TakesDefaultsForWhatIsLeftOut) {
  const auto layers = layers_from_json(
      R"([{"linear": {"outputs": 2}, "leaky": {"learn_beta": true, "beta": 1}},
          {"linear": {"outputs": 3, "bias": false}}])");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0], (LayerSpec{LinearSpec{2}, LeakyOptions(1.0).learn_beta(true)}));
  EXPECT_EQ(layers[1], (LayerSpec{LinearSpec{3, false}, LeakyOptions()}));
}

TEST(LayersFromJson, NamesTheLayerAndTheKey) {
  const auto error = [](const std::string& layer) {
    return error_of([&] { layers_from_json("[" + layer + "]"); });
  };
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "leaky": {"bata": 1}})"),
            "layer 1: leaky: unknown key 'bata' (did you mean 'beta'?)");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}}, {"liner": {"outputs": 2}})"),
            "layer 2: unknown key 'liner' (did you mean 'linear'?)");
  EXPECT_EQ(error(R"({"leaky": {}})"), "layer 1: expected a synapse such as linear, found none");
  EXPECT_EQ(error(R"({"linear": {}})"), "layer 1: linear: outputs is missing");
  EXPECT_EQ(error(R"({"linear": {"outputs": 0}})"),
            "layer 1: linear: outputs: expected 1 to 1000000, found 0");
  EXPECT_EQ(error(R"({"linear": {"outputs": 1e3}})"),
            "layer 1: linear: outputs: expected an integer, found 1000.0");
  EXPECT_EQ(error(R"({"linear": {"outputs": 18446744073709551615}})"),
            "layer 1: linear: outputs: expected an integer, found 18446744073709551615");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "leaky": {"beta": [1, 2, 3]}})"),
            "layer 1: leaky: beta: expected 1 value or 2 (one per neuron), found 3");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "leaky": {"threshold": 0}})"),
            "layer 1: leaky: threshold: expected a number > 0, found 0");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "leaky": {"beta": []}})"),
            "layer 1: leaky: beta: expected a number or a list of numbers, found a list");
  EXPECT_EQ(
      error(R"({"linear": {"outputs": 2}, "leaky": {"reset": "substract"}})"),
      "layer 1: leaky: reset: expected subtract, zero, none or subtract-beta, found 'substract'");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "leaky": {"inhibition": 1}})"),
            "layer 1: leaky: inhibition: expected true or false, found 1");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "leaky": {"surrogate": "sfs:b=0"}})"),
            "layer 1: leaky: surrogate: surrogate 'sfs': b: expected a number > 0, found '0'");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "leaky": {"beta": 1, "beta": 2}})"),
            "duplicate key 'beta'");
  EXPECT_EQ(
      error(R"({"linear": {"outputs": 2}, "leaky": {"learn-beta": true, "learn_beta": true}})"),
      "layer 1: leaky: duplicate key 'learn_beta'");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "relu": {"beta": 1}})"),
            "layer 1: relu: unknown key 'beta'");
  EXPECT_EQ(error(R"({"linear": {"outputs": 2}, "relu": {}, "leaky": {}})"),
            "layer 1: expected one kind of neurons, found relu and leaky");
  EXPECT_EQ(error(R"({"linear": 5})"), "layer 1: linear: expected a map, found 5");
}

TEST(LayersFromJson, RefusesWhatIsNoList) {
  const auto error = [](const std::string& json) {
    return error_of([&] { layers_from_json(json); });
  };
  EXPECT_EQ(error(""), "not valid JSON at byte 1");
  EXPECT_EQ(error("[{]"), "not valid JSON at byte 3");
  EXPECT_EQ(error("[1e999]"), "not valid JSON: a number is too large");
  EXPECT_EQ(error("\"\xff\""), "not valid JSON at byte 2");
  EXPECT_EQ(error("[]"), "layers: expected a list of layers, found a list");
  EXPECT_EQ(error("{}"), "layers: expected a list of layers, found a map");
  EXPECT_NE(error(std::string(200'000, '[')), "no error");
}

TEST(Check, RefusesNetworksThatCannotBeBuilt) {
  const auto error_after = [](auto change) {
    NetworkSpec spec = example();
    change(spec);
    return error_of([&] { check(spec); });
  };
  const auto neuron = [](NetworkSpec& spec) -> LeakyOptions& {
    return std::get<LeakyOptions>(spec.layers[0].neuron);
  };
  EXPECT_EQ(error_after([](NetworkSpec&) {}), "no error");
  EXPECT_THAT(error_after([](NetworkSpec& spec) { spec.layers.clear(); }), HasSubstr("layers"));
  EXPECT_THAT(error_after([](NetworkSpec& spec) { spec.layers.resize(10'001, spec.layers[0]); }),
              HasSubstr("layers: expected at most 10000, found 10001"));
  EXPECT_THAT(error_after([](NetworkSpec& spec) { spec.sample_shape = {}; }),
              HasSubstr("sample-shape"));
  EXPECT_THAT(error_after([](NetworkSpec& spec) {
                spec.sample_shape = {1, 0};
              }),
              HasSubstr("sample-shape"));
  EXPECT_THAT(error_after([](NetworkSpec& spec) {
                spec.sample_shape = {1LL << 40, 1LL << 40};
              }),
              HasSubstr("sample-shape"));
  EXPECT_THAT(error_after([](NetworkSpec& spec) { spec.layers[1].synapse = {LinearSpec{-1}}; }),
              HasSubstr("layer 2: linear: outputs"));
  EXPECT_THAT(error_after([&](NetworkSpec& spec) {
                neuron(spec).beta() = {0.1, 0.2};
              }),
              HasSubstr("layer 1: leaky: beta: expected 1 value or 3"));
  EXPECT_THAT(error_after([&](NetworkSpec& spec) { neuron(spec).beta() = std::nan(""); }),
              HasSubstr("expected finite numbers"));
  EXPECT_THAT(error_after([&](NetworkSpec& spec) { neuron(spec).threshold() = -1.0; }),
              HasSubstr("expected a number > 0, found -1"));
}

}  // namespace
}  // namespace snn
