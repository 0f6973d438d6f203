// Options of the training step, by both engines: moving averages, micro-batches, limits of norms.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "snn/engine/engine.h"
#include "support/small_job.h"

namespace snn {
namespace {

class TrainingOptions : public testing::TestWithParam<EngineKind> {
 protected:
  static EngineOptions options(int threads = 1) { return small_job({70, 10}, 8, threads); }
  static std::unique_ptr<Engine> engine(const EngineOptions& options) {
    return make_engine(GetParam(), options);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, TrainingOptions,
                         testing::Values(EngineKind::kReference, EngineKind::kFused),
                         [](const auto& engine) { return std::string(name_of(engine.param)); });

void expect_near(const HostTensors& found, const HostTensors& expected, double tolerance) {
  EXPECT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    const auto& values = found.at(name).values;
    ASSERT_EQ(values.size(), tensor.values.size()) << name;
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(values[i], tensor.values[i], tolerance) << name << ' ' << i;
    }
  }
}

TEST_P(TrainingOptions, AverageFollowsEveryParameterByItsDefinition) {
  EngineOptions averaging = options();
  averaging.optimizer.ema = 0.3;  // reached after the second step: (1 + 3)/(10 + 3) > 0.3
  const auto own = engine(averaging);
  HostTensors average = averaged_parameters(own->export_state().tensors);
  for (int step = 1; step <= 5; ++step) {
    own->train_batch(batch_of(static_cast<std::uint32_t>(step) * 20, 20), 0.05);
    const HostTensors tensors = own->export_state().tensors;
    EXPECT_TRUE(has_averages(tensors));
    const double decay = std::min(0.3, (1.0 + step) / (10.0 + step));
    for (auto& [name, values] : average) {
      for (std::size_t i = 0; i < values.values.size(); ++i) {
        const double raw = tensors.at(name).values[i];
        values.values[i] = static_cast<float>(decay * values.values[i] + (1 - decay) * raw);
      }
    }
    // Parameters of about 1, rounded a few times.
    expect_near(averaged_parameters(tensors), average, 1e-6);
  }
}

TEST_P(TrainingOptions, AverageIsWhatIsEvaluatedAndDoesNotChangeTraining) {
  EngineOptions averaging = options();
  averaging.optimizer.ema = 0.9;
  const auto own = engine(averaging), plain = engine(options());
  const Batch batch = batch_of(0, 50);
  for (std::uint32_t step = 0; step < 4; ++step) {
    own->train_batch(batch_of(step * 20, 20), 0.05);
    plain->train_batch(batch_of(step * 20, 20), 0.05);
    own->evaluate(batch);
  }
  HostTensors tensors = own->export_state().tensors;
  const auto averaged = engine(options());
  averaged->import_parameters(averaged_parameters(tensors));
  EXPECT_EQ(own->evaluate(batch).membrane_sums, averaged->evaluate(batch).membrane_sums);
  EXPECT_NE(own->evaluate(batch).membrane_sums, plain->evaluate(batch).membrane_sums);
  std::erase_if(tensors, [](const auto& item) { return item.first.starts_with("ema."); });
  EXPECT_EQ(tensors, plain->export_state().tensors);
}

TEST_P(TrainingOptions, AverageIsRestoredToTheSameBitsAndBeginsAnewWithImportedParameters) {
  EngineOptions averaging = options();
  averaging.optimizer.ema = 0.9;
  const auto own = engine(averaging), other = engine(averaging);
  for (std::uint32_t step = 0; step < 3; ++step) own->train_batch(batch_of(step * 20, 20), 0.05);
  other->import_state(own->export_state());
  own->train_batch(batch_of(60, 20), 0.05);
  other->train_batch(batch_of(60, 20), 0.05);
  const HostTensors tensors = own->export_state().tensors;
  EXPECT_EQ(other->export_state().tensors, tensors);
  other->import_parameters(tensors);
  const HostTensors restarted = other->export_state().tensors;
  EXPECT_EQ(restarted.at("ema.fc1.weight"), tensors.at("fc1.weight"));
  EXPECT_EQ(restarted.at("ema.lif2.beta"), tensors.at("lif2.beta"));
}

// The gradient of the mean over all samples, whatever the sizes of the micro-batches: 16, 16, 1.
TEST_P(TrainingOptions, AccumulatesTheGradientOfTheWholeBatch) {
  EngineOptions whole = options();
  whole.optimizer.kind = OptimizerKind::kSgd;
  whole.optimizer.clip_grad_norm = 0.05;  // the gradient of the whole batch
  // Draws belong to samples, so that dropout is the same in any division.
  whole.network.layers[1].synapse = {DropoutSpec{0.3}, LinearSpec{10}};
  EngineOptions divided = whole;
  divided.micro_batch = 16;
  const auto one = engine(whole), own = engine(divided), prepared = engine(divided);
  for (std::uint32_t step = 0; step < 3; ++step) {
    const Batch batch = batch_of(step * 33, 33);
    const BatchResult expected = train_once(*one, batch, 0.05);
    const BatchResult found = train_once(*own, batch, 0.05);
    EXPECT_EQ(found.samples, 33);
    EXPECT_EQ(found.correct, expected.correct);
    EXPECT_NEAR(found.loss, expected.loss, 1e-6 * expected.loss);
    EXPECT_NEAR(found.gradient_norm, expected.gradient_norm, 1e-5 * expected.gradient_norm);
    int items = 0;
    PreparedBatch token;
    prepared->prepare(batch, token);
    prepared->train_batch(token, 0.05, {1, [&](std::int64_t) { ++items; }});
    EXPECT_EQ(items, 1);
  }
  EXPECT_EQ(own->export_state().step, 3);
  EXPECT_EQ(prepared->export_state().tensors, own->export_state().tensors);
  expect_near(own->export_state().tensors, one->export_state().tensors, 1e-6);
  EXPECT_NE(own->export_state().tensors, engine(whole)->export_state().tensors);
}

TEST_P(TrainingOptions, AccumulatesTheGradientOfSpikes) {
  EngineOptions whole = options();
  whole.optimizer.kind = OptimizerKind::kSgd;
  EngineOptions divided = whole;
  divided.micro_batch = 16;
  Batch batch = batch_of(0, 33);
  batch.is_sequence = true;
  batch.spike_steps = 8;  // the bits of the pixels' values are the steps
  batch.spikes.assign(batch.values.begin(), batch.values.end());
  batch.values.clear();
  const auto one = engine(whole), own = engine(divided);
  const BatchResult expected = train_once(*one, batch, 0.05), found = train_once(*own, batch, 0.05);
  EXPECT_NEAR(found.loss, expected.loss, 1e-6 * expected.loss);
  EXPECT_NEAR(found.gradient_norm, expected.gradient_norm, 1e-5 * expected.gradient_norm);
  expect_near(own->export_state().tensors, one->export_state().tensors, 1e-6);
}

TEST_P(TrainingOptions, TakesNoStepIfAMicroBatchIsNotFinite) {
  EngineOptions divided = options();
  divided.micro_batch = 10;
  divided.optimizer.ema = 0.9;
  const auto own = engine(divided);
  const EngineState before = own->export_state();
  Batch batch = batch_of(0, 30);
  batch.unit = 1e-37F;  // makes pixels infinite
  EXPECT_FALSE(train_once(*own, batch, 0.05).is_finite());
  EXPECT_EQ(own->export_state().tensors, before.tensors);
  EXPECT_EQ(own->export_state().step, 0);
}

std::vector<double> norms(const HostTensor& weight) {
  std::vector<double> all;
  const auto inputs = static_cast<std::size_t>(weight.shape[1]);
  for (std::size_t first = 0; first < weight.values.size(); first += inputs) {
    double squares = 0;
    for (std::size_t i = first; i < first + inputs; ++i) {
      squares += static_cast<double>(weight.values[i]) * weight.values[i];
    }
    all.push_back(std::sqrt(squares));
  }
  return all;
}

TEST_P(TrainingOptions, LimitsTheNormOfEachNeuronsWeights) {
  constexpr double kMost = 0.58;  // initially sqrt(1/3) = 0.577 on average
  EngineOptions limited = options();
  limited.optimizer.max_norm = kMost;
  const auto own = engine(limited), free = engine(options());
  const Batch batch = batch_of(0, 40);
  own->train_batch(batch, 0.001);
  free->train_batch(batch, 0.001);
  const HostTensors tensors = own->export_state().tensors, raw = free->export_state().tensors;
  std::size_t limited_neurons = 0, neurons = 0;
  for (const char* name : {"fc1.weight", "fc2.weight"}) {
    const auto before = norms(raw.at(name)), after = norms(tensors.at(name));
    for (std::size_t n = 0; n < after.size(); ++n, ++neurons) {
      const bool is_limited = before[n] > kMost;
      limited_neurons += is_limited ? 1 : 0;
      EXPECT_NEAR(after[n], is_limited ? kMost : before[n], is_limited ? 1e-6 : 0) << name << n;
    }
  }
  EXPECT_GT(limited_neurons, 5u);
  EXPECT_LT(limited_neurons, neurons - 5);
  EXPECT_EQ(tensors.at("fc1.bias"), raw.at("fc1.bias"));
  // The next step computes with the limited weights, in the backward pass too.
  const auto other = engine(limited);
  other->import_state(own->export_state());
  own->train_batch(batch, 0.001);
  other->train_batch(batch, 0.001);
  EXPECT_EQ(other->export_state().tensors, own->export_state().tensors);
}

TEST_P(TrainingOptions, GiveTheSameBitsForAnyNumberOfThreads) {
  EngineOptions one = options(1), three = options(3);
  for (EngineOptions* each : {&one, &three}) {
    each->optimizer.ema = 0.9;
    each->optimizer.max_norm = 1;
    each->micro_batch = 40;
    each->tbptt = 3;
    each->network.layers[1].synapse = {DropoutSpec{0.5, true}, LinearSpec{10}};
  }
  expect_same_bits(*engine(one), *engine(three));
}

TEST(TrainingOptionsOfEngines, LimitTheNormOfDelayedSynapses) {
  EngineOptions options = small_job({10, 10}, 8, 1);
  DelayedLinearSpec delayed;
  delayed.outputs = 10;
  delayed.max_delay = 3;
  options.network.layers[1].synapse = {delayed};
  options.optimizer.max_norm = 0.3;
  const auto engine = make_engine(EngineKind::kReference, options);
  engine->train_batch(batch_of(0, 20), 1e-3);
  const HostTensors tensors = engine->export_state().tensors;
  const std::string name = synapse_name(options.network, 1) + ".weight";
  for (const double norm : norms(tensors.at(name))) EXPECT_LE(norm, 0.3 + 1e-6);
}

// The fused engine by the reference, all options at once, with a regulariser and recurrence.
TEST(TrainingOptionsOfEngines, Agree) {
  EngineOptions options = small_job({70, 40, 10}, 8, 1);
  options.optimizer.kind = OptimizerKind::kSgd;  // see TrainsAsTheReferenceEngineDoes
  options.optimizer.ema = 0.5;
  options.optimizer.max_norm = 0.6;
  options.micro_batch = 16;
  options.tbptt = 3;
  options.regularizer = parse_regularizer("0.5*rate-band:low=0.05,high=0.1 + 1e-3*spikes");
  options.network.layers[1].neuron = RleakyOptions(0.8).threshold(0.6);
  for (const std::size_t layer : {1U, 2U}) {
    auto& chain = options.network.layers[layer].synapse;
    chain.insert(chain.begin(), DropoutSpec{0.3, layer == 2});
  }
  const auto fused = make_engine(EngineKind::kFused, options);
  const auto reference = make_engine(EngineKind::kReference, options);
  for (std::uint32_t step = 0; step < 3; ++step) {
    const Batch batch = batch_of(step * 40, 40);
    const BatchResult a = train_once(*fused, batch, 0.05), b = train_once(*reference, batch, 0.05);
    EXPECT_NEAR(a.loss, b.loss, 1e-5 * b.loss);
    EXPECT_NEAR(a.penalty, b.penalty, 1e-5 * b.penalty);
    EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 1e-4 * b.gradient_norm);
  }
  expect_near(fused->export_state().tensors, reference->export_state().tensors, 1e-5);
}

}  // namespace
}  // namespace snn
