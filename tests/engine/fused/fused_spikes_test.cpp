// Batches of spikes: the fused engine's bits against the reference engine's tensors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "engine/fused/fused_engine.h"
#include "engine/reference/reference_engine.h"
#include "snn/numeric/random.h"
#include "snn/numeric/spike_words.h"
#include "snn/text/error.h"
#include "support/error_of.h"
#include "support/small_job.h"

namespace snn {
namespace {

using fused::make_fused_engine;
using testing::HasSubstr;

struct Job {
  std::int64_t inputs, steps, samples;
  std::vector<std::int64_t> widths;
  double density = 0.2;
  bool learns_neurons = false;
};

EngineOptions options_of(const Job& job, Simd simd, int threads) {
  EngineOptions options;
  options.network.sample_shape = {job.inputs};
  for (const std::int64_t width : job.widths) {
    options.network.layers.push_back(
        {LinearSpec{width},
         LeakyOptions(0.9).learn_beta(job.learns_neurons).learn_threshold(job.learns_neurons)});
  }
  options.steps = 3;  // a batch of spikes has its own
  options.simd = simd;
  options.threads = threads;
  // A step of this optimiser is the gradient.
  options.optimizer.kind = OptimizerKind::kSgd;
  return options;
}

Batch spikes_of(const Job& job, std::uint32_t seed) {
  RandomStream random(seed, Purpose::kEncoding, 0, 0);
  Batch batch;
  batch.shape = {job.inputs};
  batch.is_sequence = true;
  batch.spike_steps = job.steps;
  const std::int64_t words = words_of(job.steps);
  batch.spikes.resize(static_cast<std::size_t>(job.samples * words * job.inputs));
  for (std::int64_t sample = 0; sample < job.samples; ++sample) {
    for (std::int64_t i = 0; i < job.inputs; ++i) {
      const float rate = random.uniform() < 0.5F ? 0.0F : 2 * random.uniform();
      for (std::int64_t t = 0; t < job.steps; ++t) {
        const bool spikes = random.uniform() < rate * 2 * static_cast<float>(job.density);
        if (!spikes) continue;
        batch.spikes[static_cast<std::size_t>((sample * words + t / kStepsPerWord) * job.inputs +
                                              i)] |= 1U << t % kStepsPerWord;
      }
    }
    batch.labels.push_back(
        static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(job.widths.back()))));
    batch.samples.push_back(static_cast<std::uint32_t>(sample));
  }
  return batch;
}

double distance(const HostTensor& a, const HostTensor& b) {
  double square = 0, norm = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    square += std::pow(a.values[i] - b.values[i], 2);
    norm += std::pow(b.values[i], 2);
  }
  return std::sqrt(square) / std::max(std::sqrt(norm), 1e-30);
}

// The gradients of a batch: the change of the parameters by a step of rate 1.
HostTensors gradients_of(Engine& engine, const Batch& batch) {
  HostTensors before = engine.export_state().tensors;
  train_once(engine, batch, 1.0);
  HostTensors after = engine.export_state().tensors;
  for (auto& [name, tensor] : after) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      tensor.values[i] = before[name].values[i] - tensor.values[i];
    }
  }
  return after;
}

std::vector<Job> jobs() {
  return {{784, 25, 70, {65, 10}},   {784, 30, 33, {130, 10}, 0.9},
          {100, 31, 7, {33, 17, 5}}, {1100, 70, 40, {20, 10}, 0.1},
          {3, 1, 1, {16, 2}, 1.0},   {70, 25, 33, {40, 10}, 0.3, true},
          {40, 12, 9, {10}, 0.4}};
}

std::string text_of(const Job& job) {
  return std::to_string(job.inputs) + " inputs, T " + std::to_string(job.steps) + ", B " +
         std::to_string(job.samples);
}

// The same spikes count the same; a membrane at the threshold by a rounding is not in these
// batches.
TEST(FusedSpikes, AreEvaluatedAsByTheReferenceEngine) {
  for (const Job& job : jobs()) {
    const Batch batch = spikes_of(job, 5);
    const auto reference = make_reference_engine(options_of(job, Simd::kAuto, 1));
    const Evaluation expected = reference->evaluate(batch);
    const auto fused = make_fused_engine(options_of(job, Simd::kAuto, 2));
    const Evaluation found = fused->evaluate(batch);
    EXPECT_EQ(found.layer_spikes, expected.layer_spikes) << text_of(job);
    EXPECT_EQ(found.spike_counts, expected.spike_counts) << text_of(job);
    EXPECT_EQ(found.predictions, expected.predictions) << text_of(job);
    EXPECT_NEAR(found.loss_sum, expected.loss_sum, 1e-5 * expected.loss_sum) << text_of(job);
  }
}

// Parameters lose 1e-7 of their size as the gradient is taken from them.
TEST(FusedSpikes, HaveTheReferenceEnginesGradients) {
  for (const Job& job : jobs()) {
    const Batch batch = spikes_of(job, 6);
    const auto reference = make_reference_engine(options_of(job, Simd::kAuto, 1));
    const HostTensors expected = gradients_of(*reference, batch);
    for (const Simd simd : {Simd::kAvx512, Simd::kAvx2, Simd::kGeneric}) {
      std::unique_ptr<Engine> fused;
      try {
        fused = make_fused_engine(options_of(job, simd, 1));
      } catch (const Error&) {
        continue;  // this processor does not have it
      }
      const HostTensors found = gradients_of(*fused, batch);
      for (const auto& [name, tensor] : expected) {
        if (!name.starts_with("fc")) continue;
        EXPECT_LT(distance(found.at(name), tensor), 3e-5) << name << ", " << text_of(job);
      }
    }
  }
}

TEST(FusedSpikes, GiveTheSameBitsOnAnyNumberOfThreadsPreparedOrNot) {
  for (const double clip : {0.0, 0.01}) {
    const Job job{784, 25, 70, {130, 10}};
    EngineOptions options = options_of(job, Simd::kAuto, 1);
    options.optimizer = {.kind = OptimizerKind::kAdam, .clip_grad_norm = clip};
    const auto one = make_fused_engine(options);
    options.threads = 3;
    const auto three = make_fused_engine(options);
    PreparedBatch prepared;
    for (std::uint32_t step = 0; step < 3; ++step) {
      const Batch batch = spikes_of(job, step);
      one->train_batch(batch, 1e-3);
      three->prepare(batch, prepared);
      three->train_batch(prepared, 1e-3, {});
    }
    EXPECT_EQ(one->export_state().tensors, three->export_state().tensors);
  }
}

// An engine may have batches of both kinds, in any order.
TEST(FusedSpikes, MixWithValues) {
  EngineOptions options = small_job({70, 10}, 25, 2);
  const auto mixed = make_fused_engine(options), alone = make_fused_engine(options);
  const Batch values = batch_of(0, 40);
  Batch spikes = spikes_of({784, 25, 40, {10}}, 1);
  spikes.shape = {1, 28, 28};
  const Evaluation expected = alone->evaluate(values);
  PreparedBatch first, second;
  mixed->prepare(spikes, first);
  mixed->prepare(values, second);
  mixed->evaluate(spikes);
  EXPECT_EQ(mixed->evaluate(values).membrane_sums, expected.membrane_sums);
  mixed->train_batch(first, 1e-3, {});
  alone->train_batch(spikes, 1e-3);
  mixed->train_batch(second, 1e-3, {});
  alone->train_batch(values, 1e-3);
  mixed->prepare(spikes, second);
  mixed->train_batch(second, 1e-3, {});
  alone->train_batch(spikes, 1e-3);
  EXPECT_EQ(mixed->export_state().tensors, alone->export_state().tensors);
}

TEST(FusedSpikes, RefuseABatchOfAnotherSize) {
  const Job job{40, 25, 5, {10}};
  for (const bool is_fused : {true, false}) {
    const auto engine = is_fused ? make_fused_engine(options_of(job, Simd::kAuto, 1))
                                 : make_reference_engine(options_of(job, Simd::kAuto, 1));
    Batch batch = spikes_of(job, 1);
    batch.spikes.pop_back();
    EXPECT_THAT(
        error_of([&] { engine->evaluate(batch); }),
        HasSubstr("a batch of 5 samples has 199 words of spikes in 25 steps, expected those "
                  "of 40 inputs per sample"));
  }
}

}  // namespace
}  // namespace snn
