#include "engine/fused/fused_engine.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>

#include "engine/reference/reference_engine.h"
#include "snn/text/error.h"
#include "support/small_job.h"

namespace snn {
namespace {

using fused::make_fused_engine;

EngineOptions small_options(int threads = 1) { return small_job({70, 40, 10}, 12, threads); }

// The options with constant beta and threshold, for which the backward pass takes another path
// through static images.
EngineOptions plain_options(int threads = 1) {
  EngineOptions options = small_options(threads);
  for (LayerSpec& layer : options.network.layers) {
    std::get<LeakyOptions>(layer.neuron).learn_beta(false).learn_threshold(false);
  }
  return options;
}

EngineOptions recurrent_options(int threads = 1) {
  EngineOptions options = small_options(threads);
  options.network.layers[0].neuron = RleakyOptions(0.9).learn_beta(true);
  options.network.layers[1].neuron = RsynapticOptions(0.5, 0.9);
  return options;
}

// The distance of two tensors relative to their norm.
double distance(const HostTensor& a, const HostTensor& b) {
  double square = 0, norm = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    square += std::pow(a.values[i] - b.values[i], 2);
    norm += std::pow(b.values[i], 2);
  }
  return norm > 0 ? std::sqrt(square / norm) : std::sqrt(square);
}

TEST(FusedEngine, StartsFromTheReferenceEnginesWeights) {
  const auto fused = make_fused_engine(small_options());
  const auto reference = make_reference_engine(small_options());
  EXPECT_EQ(fused->export_state().tensors, reference->export_state().tensors);
}

TEST(FusedEngine, StepsAsTheReferenceEngineDoes) {
  for (const OptimizerOptions& optimizer :
       {OptimizerOptions{.kind = OptimizerKind::kSgd},
        OptimizerOptions{.kind = OptimizerKind::kSgd, .momentum = 0.9, .weight_decay = 5},
        OptimizerOptions{.kind = OptimizerKind::kSgd, .clip_grad_norm = 0.5},
        OptimizerOptions{.kind = OptimizerKind::kAdam, .weight_decay = 1},
        OptimizerOptions{.kind = OptimizerKind::kAdamW, .weight_decay = 20},
        OptimizerOptions{.kind = OptimizerKind::kAdam, .clip_grad_norm = 1}}) {
    EngineOptions options = small_options();
    options.optimizer = optimizer;
    const auto fused = make_fused_engine(options);
    const auto reference = make_reference_engine(options);
    for (std::uint32_t step = 0; step < 3; ++step) {
      const Batch batch = batch_of(step * 33, 33);
      const BatchResult a = train_once(*fused, batch, 1e-3);
      const BatchResult b = train_once(*reference, batch, 1e-3);
      EXPECT_NEAR(a.loss, b.loss, 1e-4 * b.loss);
      EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 1e-3 * b.gradient_norm);
      EXPECT_EQ(a.correct, b.correct);
    }
    const EngineState a = fused->export_state(), b = reference->export_state();
    EXPECT_EQ(a.step, b.step);
    for (const auto& [name, tensor] : b.tensors) {
      ASSERT_TRUE(a.tensors.contains(name)) << name;
      // Adam divides by the magnitude of the gradient, which amplifies the rounding of small
      // gradients, and some spikes differ afterwards. The options change the parameters by some
      // percent.
      EXPECT_LT(distance(a.tensors.at(name), tensor), 5e-3) << name;
    }
    EXPECT_EQ(a.tensors.size(), b.tensors.size());
  }
}

TEST(FusedEngine, KeepsTheMomentsThatTheReferenceEngineDoes) {
  const auto fused = make_fused_engine(small_options());
  const auto reference = make_reference_engine(small_options());
  fused->train_batch(batch_of(0, 33), 1e-3);
  reference->train_batch(batch_of(0, 33), 1e-3);
  const EngineState a = fused->export_state(), b = reference->export_state();
  for (const auto& [name, tensor] : b.tensors) {
    if (!name.starts_with("optimizer.")) continue;
    // Gradients agree to 1e-5, and their squares to twice that.
    EXPECT_LT(distance(a.tensors.at(name), tensor), 2e-5) << name;
  }
}

TEST(FusedEngine, EvaluatesAsTheReferenceEngineDoes) {
  const auto fused = make_fused_engine(small_options());
  const auto reference = make_reference_engine(small_options());
  const Batch batch = batch_of(0, 300);
  const Evaluation a = fused->evaluate(batch), b = reference->evaluate(batch);
  EXPECT_NEAR(a.loss_sum, b.loss_sum, 1e-5 * b.loss_sum);
  EXPECT_EQ(a.predictions, b.predictions);
  EXPECT_EQ(a.spike_counts, b.spike_counts);
  EXPECT_EQ(a.layer_spikes, b.layer_spikes);
  // These are sums over a few steps of membrane potentials of about 1, which the engines round
  // differently.
  ASSERT_EQ(a.membrane_sums.size(), b.membrane_sums.size());
  for (std::size_t i = 0; i < a.membrane_sums.size(); ++i) {
    EXPECT_NEAR(a.membrane_sums[i], b.membrane_sums[i], 1e-4) << i;
  }
}

// Few neurons spike yet, so that ties decide most predictions.
TEST(FusedEngine, DecidesAsTheReferenceEngineDoes) {
  const Batch batch = batch_of(0, 100);
  std::vector<std::vector<std::int64_t>> all;
  for (const auto& [decision, name] : Names<Decision>::table) {
    EngineOptions options = small_options();
    options.decision = decision;
    const auto fused = make_fused_engine(options), reference = make_reference_engine(options);
    const Evaluation a = fused->evaluate(batch), b = reference->evaluate(batch);
    EXPECT_EQ(a.predictions, b.predictions) << name;
    std::int64_t correct = 0;
    for (std::size_t i = 0; i < batch.labels.size(); ++i) {
      EXPECT_EQ(a.predictions[i], decide(decision, a.outputs_of(i)));
      correct += a.predictions[i] == batch.labels[i] ? 1 : 0;
    }
    EXPECT_EQ(train_once(*fused, batch, 1e-3).correct, correct) << name;
    EXPECT_EQ(train_once(*reference, batch, 1e-3).correct, correct) << name;
    all.push_back(a.predictions);
  }
  EXPECT_NE(all[0], all[1]);
  EXPECT_NE(all[1], all[2]);
}

TEST(FusedEngine, ComputesEveryLoss) {
  for (const Loss& loss :
       {Loss::ce_membrane(), Loss::ce_rate(), Loss::ce_count(), Loss::ce_max_membrane(),
        Loss::ce_sum_membrane(0.1), Loss::ce_mean_softmax(), Loss::ce_temporal(), Loss::mse_count(),
        Loss::mse_rate(0.8, 0.1), Loss::mse_membrane(), Loss::mse_temporal(),
        Loss::ce_rate(0.1) + 0.1 * Loss::mse_membrane()}) {
    EngineOptions options = small_options();
    options.loss = loss;
    const Batch batch = batch_of(0, 50);
    const BatchResult a = train_once(*make_fused_engine(options), batch, 1e-3);
    const BatchResult b = train_once(*make_reference_engine(options), batch, 1e-3);
    EXPECT_NEAR(a.loss, b.loss, 1e-5 * b.loss) << to_string(loss);
    EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 1e-4 * b.gradient_norm) << to_string(loss);
  }
}

// Five outputs for each of two classes.
TEST(FusedEngine, KnowsPopulationsAndClassWeights) {
  Batch batch = batch_of(0, 50);
  for (std::uint8_t& label : batch.labels) label %= 2;
  for (const Decision decision : {Decision::kCountMembrane, Decision::kTemporal}) {
    EngineOptions options = small_options();
    options.decision = decision;
    options.classes = {5, {1, 3}};
    options.loss = Loss::ce_count() + 0.5 * Loss::ce_membrane();
    const auto fused = make_fused_engine(options), reference = make_reference_engine(options);
    const Evaluation a = fused->evaluate(batch), b = reference->evaluate(batch);
    EXPECT_EQ(a.spike_counts.size(), 100);
    EXPECT_EQ(a.spike_counts, b.spike_counts);
    EXPECT_EQ(a.first_spikes, b.first_spikes);
    EXPECT_EQ(a.predictions, b.predictions);
    EXPECT_NEAR(a.loss_sum, b.loss_sum, 1e-5 * b.loss_sum);
    const BatchResult c = train_once(*fused, batch, 1e-3), d = train_once(*reference, batch, 1e-3);
    EXPECT_EQ(c.correct, d.correct);
    EXPECT_NEAR(c.loss, a.loss_sum / 50, 1e-5 * c.loss);
    EXPECT_NEAR(c.gradient_norm, d.gradient_norm, 1e-4 * d.gradient_norm);
    batch.labels[7] = 2;
    EXPECT_THROW(fused->evaluate(batch), Error) << "there is no third class";
    batch.labels[7] = 1;
  }
}

TEST(FusedEngine, RefusesOutputsThatAreNoWholePopulations) {
  EngineOptions options = small_options();
  options.classes.population = 3;
  EXPECT_THROW(make_fused_engine(options), Error);
  EXPECT_THROW(make_reference_engine(options), Error);
}

// Static images with and without learned neurons, whose backward passes differ, dense recurrence
// and outputs without spikes; and a wide last layer.
TEST(FusedEngine, RegularizesAsTheReferenceEngineDoes) {
  std::vector<EngineOptions> all = {small_options(), plain_options(), recurrent_options(),
                                    plain_options(), small_job({70, 40, 80}, 12, 2)};
  all[3].network.layers[2].neuron = LiOptions(0.9);
  // A picture that moves down by a row in each step.
  Batch sequence = batch_of(0, 50);
  sequence.is_sequence = true;
  const std::size_t size = sequence.values.size();
  for (std::size_t t = 1; t < 12; ++t) {
    for (std::size_t i = 0; i < size; ++i) {
      sequence.values.push_back(sequence.values[(i + size - 28 * t) % size]);
    }
  }
  for (EngineOptions& options : all) {
    for (const Loss& loss : {Loss::ce_membrane(), Loss::ce_rate()}) {
      options.loss = loss;
      for (const char* text :
           {"0.2*l1-rate", "1e-2*spikes", "3*rate-band:low=0.05,high=0.1 + 0.001*spikes"}) {
        options.regularizer = parse_regularizer(text);
        const auto fused = make_fused_engine(options), reference = make_reference_engine(options);
        const std::string what = layers_to_json(options.network.layers) + " " + text;
        for (const Batch& batch : {batch_of(0, 50), sequence}) {
          const BatchResult a = train_once(*fused, batch, 0), b = train_once(*reference, batch, 0);
          EXPECT_NEAR(a.loss, b.loss, 1e-5 * b.loss) << what;
          EXPECT_NEAR(a.penalty, b.penalty, 1e-5 * b.penalty) << what;
          EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 1e-4 * b.gradient_norm) << what;
        }
        EngineOptions other = options;
        other.regularizer = {};
        EXPECT_GT(std::abs(train_once(*make_fused_engine(other), sequence, 0).gradient_norm -
                           train_once(*fused, sequence, 0).gradient_norm),
                  1e-3)
            << what << ": too weak to see its gradient";
      }
    }
  }
}

// Both engines from the same checkpoint, with static images and sequences.
TEST(FusedEngine, TrainsDenseRecurrence) {
  EngineOptions options = recurrent_options();
  std::get<RsynapticOptions>(options.network.layers[1].neuron).learn_recurrent(false);
  options.optimizer = {.kind = OptimizerKind::kAdamW, .weight_decay = 1, .clip_grad_norm = 3};
  const auto fused = make_fused_engine(options), reference = make_reference_engine(options);
  for (std::uint32_t step = 0; step < 3; ++step) {
    const Batch batch = batch_of(step * 40, 40);
    const BatchResult a = train_once(*fused, batch, 1e-3), b = train_once(*reference, batch, 1e-3);
    EXPECT_NEAR(a.loss, b.loss, 1e-4 * b.loss);
    EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 1e-3 * b.gradient_norm);
    EXPECT_EQ(a.correct, b.correct);
  }
  const EngineState a = fused->export_state(), b = reference->export_state();
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : b.tensors) {
    ASSERT_TRUE(a.tensors.contains(name)) << name;
    EXPECT_EQ(a.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_LT(distance(a.tensors.at(name), tensor), 5e-3) << name;  // see above
  }
  const auto resumed = make_fused_engine(options);
  resumed->import_state(a);
  const Batch batch = batch_of(200, 40);
  EXPECT_EQ(resumed->evaluate(batch).loss_sum, fused->evaluate(batch).loss_sum);
  EXPECT_EQ(train_once(*resumed, batch, 1e-3).gradient_norm,
            train_once(*fused, batch, 1e-3).gradient_norm);
  EXPECT_EQ(resumed->export_state().tensors, fused->export_state().tensors);
}

TEST(FusedEngine, TakesSequences) {
  const Batch images = batch_of(0, 150);
  Batch sequence = images;
  sequence.is_sequence = true;
  for (int t = 1; t < 12; ++t) {
    sequence.values.insert(sequence.values.end(), images.values.begin(), images.values.end());
  }
  for (const EngineOptions& options : {small_options(), plain_options()}) {
    const auto of_images = make_fused_engine(options);
    const auto of_sequences = make_fused_engine(options);
    EXPECT_EQ(of_images->evaluate(images).spike_counts,
              of_sequences->evaluate(sequence).spike_counts);
    const BatchResult a = train_once(*of_images, images, 1e-3);
    const BatchResult b = train_once(*of_sequences, sequence, 1e-3);
    EXPECT_EQ(a.loss, b.loss);
    EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 1e-5 * a.gradient_norm);
  }
}

TEST(FusedEngine, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const auto options_of : {small_options, plain_options, recurrent_options}) {
    for (const int threads : {2, 3}) {
      EngineOptions one = options_of(1), other = options_of(threads);
      expect_same_bits(*make_fused_engine(one), *make_fused_engine(other));
      one.regularizer = other.regularizer = parse_regularizer("0.1*l1-rate");
      expect_same_bits(*make_fused_engine(one), *make_fused_engine(other));
    }
  }
}

TEST(FusedEngine, GoesOnBitForBitFromAnExportedState) {
  for (const OptimizerKind kind : {OptimizerKind::kAdam, OptimizerKind::kSgd}) {
    EngineOptions options = small_options();
    options.optimizer.kind = kind;
    options.optimizer.momentum = kind == OptimizerKind::kSgd ? 0.9 : 0;
    const auto whole = make_fused_engine(options);
    for (std::uint32_t step = 0; step < 3; ++step) {
      whole->train_batch(batch_of(step * 32, 32), 0.01);
    }
    options.seed = 99;  // makes other weights, which the import must replace
    const auto resumed = make_fused_engine(options);
    resumed->import_state(whole->export_state());
    EXPECT_EQ(resumed->export_state().tensors, whole->export_state().tensors);
    for (std::uint32_t step = 3; step < 6; ++step) {
      whole->train_batch(batch_of(step * 32, 32), 0.01);
      resumed->train_batch(batch_of(step * 32, 32), 0.01);
    }
    EXPECT_EQ(resumed->export_state().tensors, whole->export_state().tensors);
    EXPECT_EQ(resumed->export_state().step, 6);
  }
}

TEST(FusedEngine, KeepsItsParametersWhenLossOrGradientIsNotFinite) {
  for (const float value : {std::numeric_limits<float>::infinity(), 3e38F}) {
    const auto engine = make_fused_engine(small_options());
    EngineState state = engine->export_state();
    for (float& bias : state.tensors["fc1.bias"].values) bias = 1;
    state.tensors["fc3.weight"].values[0] = -value;
    state.tensors["fc3.weight"].values[45] = value;
    engine->import_state(state);
    const BatchResult result = train_once(*engine, batch_of(0, 10), 0.01);
    EXPECT_FALSE(std::isfinite(result.loss) && std::isfinite(result.gradient_norm)) << value;
    EXPECT_EQ(engine->export_state().step, 0);
    EXPECT_EQ(engine->export_state().tensors, state.tensors);
  }
}

TEST(FusedEngine, KeepsItsParametersWhenTheGradientOfBetaAloneIsNotFinite) {
  EngineOptions options = small_options();
  std::get<LeakyOptions>(options.network.layers[0].neuron).surrogate(Surrogate::straight_through());
  const auto engine = make_fused_engine(options);
  EngineState state = engine->export_state();
  // Membrane potentials are so far below zero that beta's gradient, a sum of them, overflows a
  // float; all other gradients are those of neurons that never spike.
  for (float& bias : state.tensors["fc1.bias"].values) bias = -1e37F;
  engine->import_state(state);
  const BatchResult result = train_once(*engine, batch_of(0, 50), 0.01);
  EXPECT_TRUE(std::isfinite(result.loss));
  EXPECT_FALSE(std::isfinite(result.gradient_norm));
  EXPECT_EQ(engine->export_state().step, 0);
  EXPECT_EQ(engine->export_state().tensors, state.tensors);
}

TEST(FusedEngine, RefusesBatchesThatDoNotFit) {
  const auto engine = make_fused_engine(small_options());
  const auto expect_refused = [&](const Batch& batch) {
    EXPECT_THROW(engine->train_batch(batch, 0.01), Error);
    EXPECT_THROW(engine->evaluate(batch), Error);
  };
  Batch batch = batch_of(0, 5);
  batch.labels[2] = 10;
  expect_refused(batch);
  batch = batch_of(0, 5);
  batch.values.pop_back();
  expect_refused(batch);
  batch = batch_of(0, 5);
  batch.shape = {28};
  expect_refused(batch);
  batch = batch_of(0, 5);
  batch.is_sequence = true;
  batch.values.clear();
  expect_refused(batch);
  Batch empty;
  empty.shape = {1, 28, 28};
  expect_refused(empty);
}

TEST(FusedEngine, StepsAlikeWhetherABatchIsPreparedOrNot) {
  for (const int threads : {1, 2}) {
    const auto prepared = make_fused_engine(small_options(threads));
    const auto plain = make_fused_engine(small_options(threads));
    std::vector<Batch> batches;
    for (std::uint32_t i = 0; i < 4; ++i) batches.push_back(batch_of(40 * i, i == 3 ? 20 : 40));
    PreparedBatch now, next;
    prepared->prepare(batches[0], now);
    for (std::size_t i = 0; i < batches.size(); ++i) {
      std::array<std::atomic<int>, 3> calls{};
      prepared->train_batch(now, 0.01, {3, [&](std::int64_t item) {
                                          ++calls[static_cast<std::size_t>(item)];
                                          const bool has_next = i + 1 < batches.size();
                                          if (item == 1 && has_next)
                                            prepared->prepare(batches[i + 1], next);
                                        }});
      for (const auto& each : calls) EXPECT_EQ(each, 1);
      EXPECT_EQ(prepared->take_results().back().loss, train_once(*plain, batches[i], 0.01).loss);
      std::swap(now, next);
      // An evaluation in between must not replace the prepared batch.
      prepared->evaluate(batch_of(7, 30));
    }
    EXPECT_EQ(prepared->export_state().tensors, plain->export_state().tensors);
  }
}

TEST(FusedEngine, IsWhatAutoChoosesWhereItApplies) {
  EngineOptions options = small_options();
  EXPECT_TRUE(make_engine(EngineKind::kAuto, options)->name().starts_with("fused"));
  std::get<LeakyOptions>(options.network.layers[0].neuron).inhibition(true);
  EXPECT_EQ(make_engine(EngineKind::kAuto, options)->name(), "reference");
  EXPECT_THROW(make_engine(EngineKind::kFused, options), Error);
}

}  // namespace
}  // namespace snn
