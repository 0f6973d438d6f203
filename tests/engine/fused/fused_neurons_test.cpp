#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

#include "engine/fused/fused_case.h"
#include "snn/engine/engine.h"
#include "support/error_of.h"

namespace snn {
namespace {

// Every kind of neurons that has kernels, with every reset and timing, learned and not.
std::vector<NeuronSpec> neurons(const Surrogate& surrogate, bool learns) {
  std::vector<NeuronSpec> all;
  const Reset resets[] = {Reset::kSubtract, Reset::kZero, Reset::kNone};
  for (const Reset reset : resets) {
    all.push_back(
        LapicqueOptions(0.8).threshold(0.5).reset(reset).surrogate(surrogate).learn_threshold(
            learns));
    for (const bool decays : {true, false}) {
      all.push_back(PlifOptions(1.8)
                        .decay_input(decays)
                        .threshold(0.4)
                        .reset(reset)
                        .surrogate(surrogate)
                        .learn_tau(learns)
                        .learn_threshold(learns));
    }
    all.push_back(AlphaOptions(0.8, 0.6)
                      .threshold(0.3)
                      .reset(reset)
                      .surrogate(surrogate)
                      .learn_alpha(learns)
                      .learn_beta(learns)
                      .learn_threshold(learns));
    all.push_back(AdlifOptions(0.7)
                      .adaptation_decay(0.9)
                      .adaptation_a(0.3)
                      .adaptation_b(0.4)
                      .adaptation_scale(2.0)
                      .threshold(0.3)
                      .reset(reset)
                      .surrogate(surrogate)
                      .learn_beta(learns)
                      .learn_adaptation_decay(learns)
                      .learn_adaptation_a(learns)
                      .learn_adaptation_b(learns)
                      .learn_threshold(learns));
    all.push_back(AdlifOptions(0.6)  // for which the kernels have a variant
                      .threshold(0.3)
                      .reset(reset)
                      .surrogate(surrogate)
                      .learn_adaptation_a(!learns)
                      .learn_adaptation_b(true));
    for (const bool delay : {true, false}) {
      all.push_back(SynapticOptions(0.6, 0.8)
                        .threshold(1.2)
                        .reset(reset)
                        .reset_delay(delay)
                        .surrogate(surrogate)
                        .learn_alpha(learns)
                        .learn_beta(learns)
                        .learn_threshold(learns));
      all.push_back(RleakyOptions(0.7)
                        .recurrence(Recurrence::kOneToOne)
                        .recurrent(-0.4)
                        .threshold(0.7)
                        .reset(reset)
                        .reset_delay(delay)
                        .surrogate(surrogate)
                        .learn_recurrent(learns)
                        .learn_beta(learns)
                        .learn_threshold(learns));
      all.push_back(RsynapticOptions(0.5, 0.7)
                        .recurrence(Recurrence::kOneToOne)
                        .recurrent(-0.3)
                        .threshold(0.9)
                        .reset(reset)
                        .reset_delay(delay)
                        .surrogate(surrogate)
                        .learn_recurrent(learns)
                        .learn_alpha(learns)
                        .learn_beta(learns)
                        .learn_threshold(learns));
      all.push_back(RleakyOptions(0.7)
                        .threshold(0.7)
                        .reset(reset)
                        .reset_delay(delay)
                        .surrogate(surrogate)
                        .learn_recurrent(learns)
                        .learn_beta(learns)
                        .learn_threshold(learns));
      all.push_back(RsynapticOptions(0.5, 0.7)
                        .threshold(0.9)
                        .reset(reset)
                        .reset_delay(delay)
                        .surrogate(surrogate)
                        .learn_recurrent(!learns)
                        .learn_alpha(learns)
                        .learn_beta(learns)
                        .learn_threshold(learns));
    }
  }
  for (const bool bias : {true, false}) {
    all.push_back(LeakyParallelOptions(0.7)
                      .recurrent_bias(bias)
                      .threshold(0.4)
                      .surrogate(surrogate)
                      .learn_beta(learns)
                      .learn_threshold(learns));
  }
  all.push_back(
      DeltaLeakyOptions(0.8).delta_threshold(0.3).surrogate(surrogate).learn_beta(learns));
  all.push_back(
      StateLeakyOptions(0.7).threshold(1.0).surrogate(surrogate).learn_beta(learns).learn_threshold(
          learns));
  return all;
}

Case case_of(const NeuronSpec& hidden, const NeuronSpec& output, std::uint64_t seed) {
  Draw draw(seed);
  Case drawn;
  drawn.spec.sample_shape = {12};
  drawn.spec.layers = {{LinearSpec{20}, hidden}, {LinearSpec{4}, output}};
  drawn.steps = 11;
  drawn.is_sequence = draw.coin();
  drawn.input =
      drawn.is_sequence ? draw.picture({drawn.steps, 3, 12}, 0.7) : draw.picture({3, 12}, 0.7);
  drawn.targets = torch::tensor({0, 3, 1}, torch::kLong);
  drawn.loss = draw.coin() ? Loss::ce_membrane() : Loss::ce_rate();
  drawn.text = std::string(name_of(kind_of(hidden))) + " " + std::to_string(seed) + " " +
               layers_to_json(drawn.spec.layers) + to_string(drawn.loss);
  return drawn;
}

void compare(const Case& drawn, std::int64_t& spikes) {
  const Found expected = by_reference(drawn);
  const Found in_floats = by_reference(drawn, torch::kFloat);
  spikes += expected.layer_spikes[0].count_nonzero().item<std::int64_t>();
  for (const Simd simd : kAllSimd) {
    if (!is_there(simd)) continue;
    const Found found = by_kernels(drawn, simd);
    const std::string what = drawn.text + " " + std::string(name_of(simd));
    EXPECT_TRUE(torch::equal(found.layer_spikes[0].to(torch::kDouble), expected.layer_spikes[0]))
        << what;
    expect_close(found, expected, in_floats, what);
  }
}

TEST(FusedNeurons, AgreeWithTheReferenceForEveryKind) {
  std::uint64_t seed = 0;
  std::int64_t spikes = 0;
  for (const Surrogate& surrogate :
       {Surrogate::atan(), Surrogate::sigmoid(5), Surrogate::boxcar(0.8)}) {
    for (const bool learns : {false, true}) {
      for (const NeuronSpec& neuron : neurons(surrogate, learns)) {
        compare(case_of(neuron, neuron, ++seed), spikes);
      }
    }
  }
  EXPECT_GT(spikes, static_cast<std::int64_t>(seed) * 3 * 20) << "too few to see their effect";
}

TEST(FusedNeurons, AgreeWithTheReferenceWhereKindsAreMixed) {
  const std::vector<NeuronSpec> all = neurons(Surrogate::atan(), true);
  std::int64_t spikes = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    compare(case_of(all[i], all[(i * 7 + 3) % all.size()], i), spikes);
    compare(case_of(all[i], LiOptions(0.8).learn_beta(i % 2 == 0), i), spikes);
  }
}

// Several blocks of neurons, parts of the batch and words of steps.
TEST(FusedNeurons, AgreeWithTheReferenceInLargeRecurrentLayers) {
  std::uint64_t seed = 100;
  std::int64_t spikes = 0;
  for (const std::int64_t steps : {1, 30, 31, 62}) {
    for (const std::int64_t width : {64, 77, 150}) {
      Draw draw(++seed);
      const RleakyOptions rleaky = RleakyOptions(0.8).threshold(0.8);
      Case drawn;
      drawn.spec.sample_shape = {30};
      drawn.spec.layers = {{LinearSpec{width}, rleaky},
                           {LinearSpec{width - 30, false}, RsynapticOptions(0.3, 0.6)},
                           {LinearSpec{70}, rleaky}};
      drawn.steps = steps;
      drawn.is_sequence = steps == 31;
      const std::int64_t samples = 31 + static_cast<std::int64_t>(draw.below(3));
      drawn.input = drawn.is_sequence ? draw.picture({steps, samples, 30}, 0.3)
                                      : draw.picture({samples, 30}, 0.3);
      drawn.targets = torch::randint(70, {samples}, torch::kLong);
      drawn.loss = Loss::ce_membrane();
      drawn.text = std::to_string(steps) + " steps " + std::to_string(width) + " neurons";
      compare(drawn, spikes);
    }
  }
  EXPECT_GT(spikes, 12 * 32 * 100);
}

TEST(FusedNeurons, AgreeWithTheReferenceInWindowsOfTruncatedBackpropagation) {
  std::uint64_t seed = 0;
  std::int64_t spikes = 0;
  for (const bool learns : {false, true}) {
    for (const NeuronSpec& neuron : neurons(Surrogate::atan(), learns)) {
      Case drawn = case_of(neuron, neuron, ++seed);
      drawn.pass.window = 4;  // windows of 4, 4 and 3 steps
      compare(drawn, spikes);
    }
  }
  EXPECT_GT(spikes, static_cast<std::int64_t>(seed) * 20) << "too few to see their effect";
}

// Checkpoints go from one engine to the other: the same tensors, shapes and values.
TEST(FusedNeurons, HaveTheTensorsOfTheReference) {
  std::vector<NeuronSpec> all = neurons(Surrogate::atan(), true);
  all.push_back(LapicqueOptions().beta({0.8, 0.7, 0.6}).capacitance({2.0, 0.0, 3.0}));
  for (const NeuronSpec& neuron : all) {
    EngineOptions options;
    options.network = {{2}, {{LinearSpec{3}, neuron}, {LinearSpec{3}, LiOptions()}}};
    options.steps = 3;
    const auto fused = make_engine(EngineKind::kFused, options)->export_state();
    const auto reference = make_engine(EngineKind::kReference, options)->export_state();
    ASSERT_EQ(fused.tensors.size(), reference.tensors.size())
        << layers_to_json(options.network.layers);
    for (const auto& [name, tensor] : reference.tensors) {
      const auto found = fused.tensors.find(name);
      ASSERT_NE(found, fused.tensors.end()) << name;
      EXPECT_EQ(found->second.shape, tensor.shape) << name;
      ASSERT_EQ(found->second.values.size(), tensor.values.size()) << name;
      for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        EXPECT_FLOAT_EQ(found->second.values[i], tensor.values[i])
            << name << " of " << layers_to_json(options.network.layers);
      }
    }
  }
}

TEST(FusedNeurons, AreRefusedByName) {
  const auto error = [](const NeuronSpec& neuron, const NeuronSpec& last) {
    EngineOptions options;
    options.network = {{2}, {{LinearSpec{3}, neuron}, {LinearSpec{3}, last}}};
    options.steps = 3;
    return error_of([&] { make_engine(EngineKind::kFused, options); });
  };
  const std::string start = "engine fused: it does not support ", end = "; use --engine reference";
  EXPECT_EQ(error(SlstmOptions(), LeakyOptions()), start + "slstm neurons (layer 1)" + end);
  EXPECT_EQ(error(LiOptions(), LeakyOptions()), start + "li neurons before the last layer" + end);
  EXPECT_EQ(error(AlphaOptions().inhibition(true), LiOptions()),
            start + "inhibition (layer 1)" + end);
  EXPECT_EQ(error(StateLeakyOptions().kernel_truncation_steps(3), LiOptions()),
            start + "kernel-truncation-steps (layer 1)" + end);
}

}  // namespace
}  // namespace snn
