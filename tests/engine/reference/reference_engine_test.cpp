#include "engine/reference/reference_engine.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "engine/optimizer.h"
#include "snn/engine/device.h"
#include "snn/network/network.h"
#include "snn/text/error.h"
#include "support/golden.h"
#include "support/small_job.h"

namespace snn {
namespace {

using torch::Tensor;

EngineOptions small_options(int threads = 1) { return small_job({30, 10}, 8, threads); }

TEST(ReferenceEngine, TakesTheStepThatAutogradOverTheWholeBatchWould) {
  const EngineOptions options = small_options();
  auto engine = make_reference_engine(options);
  const Batch batch = batch_of(0, 77);  // two whole pieces and a partial one
  const BatchResult result = train_once(*engine, batch, 0.01);

  Network network(options.network, options.seed);
  const Tensor input =
      torch::tensor(std::vector<std::int64_t>(batch.values.begin(), batch.values.end()))
          .to(torch::kFloat)
          .div(255)
          .reshape({77, 784});
  const Tensor labels =
      torch::tensor(std::vector<std::int64_t>(batch.labels.begin(), batch.labels.end()));
  const auto output = network->forward(input, options.steps);
  const Tensor loss = compute_loss(options.loss, output.spikes, output.membrane, labels);
  NamedParameters named;
  for (const auto& item : network->named_parameters()) named.emplace_back(item.key(), item.value());
  const auto gradients = torch::autograd::grad({loss}, network->parameters());
  const double norm = norm_of(gradients).item<double>();
  // The sums are taken in a different order: float32 rounding of a sum of 77 terms.
  EXPECT_NEAR(result.loss, loss.item<double>(), 1e-5 * result.loss);
  EXPECT_NEAR(result.gradient_norm, norm, 1e-4 * norm);
  EXPECT_EQ(result.correct,
            predict(output.spikes, output.membrane).eq(labels).sum().item<std::int64_t>());

  Optimizer({}, named).step(gradients, 0.01, norm);
  const EngineState state = engine->export_state();
  EXPECT_EQ(state.step, 1);
  for (const auto& [name, parameter] : named) {
    const HostTensor& host = state.tensors.at(name);
    const Tensor ours = torch::tensor(host.values).reshape(host.shape);
    // Adam's first step is lr times the sign of the gradient, so for a gradient near 0 it may
    // differ by 2 lr.
    const auto differing = (ours - parameter.detach()).abs().gt(1e-4).sum().item<std::int64_t>();
    EXPECT_LE(differing, parameter.numel() / 1000) << name;
  }
}

// In pieces, as far as the penalty is a mean over samples, and in one.
TEST(ReferenceEngine, AddsTheRegulariserToTheLoss) {
  for (const char* text : {"0.5*l1-rate + 0.01*spikes", "300*rate-band:low=0.1,high=0.3"}) {
    EngineOptions options = small_options();
    const Batch batch = batch_of(0, 77);
    const BatchResult alone = train_once(*make_reference_engine(options), batch, 0.01);
    options.regularizer = parse_regularizer(text);
    const BatchResult result = train_once(*make_reference_engine(options), batch, 0.01);
    EXPECT_NEAR(result.loss, alone.loss, 1e-5 * alone.loss) << "the penalty is apart";

    Network network(options.network, options.seed);
    const Tensor input =
        torch::tensor(std::vector<std::int64_t>(batch.values.begin(), batch.values.end()))
            .to(torch::kFloat)
            .div(255)
            .reshape({77, 784});
    const Tensor labels =
        torch::tensor(std::vector<std::int64_t>(batch.labels.begin(), batch.labels.end()));
    const auto output = network->forward(input, options.steps);
    const Tensor penalty = compute_regularizer(options.regularizer, output.layer_spikes);
    const Tensor loss = compute_loss(options.loss, output.spikes, output.membrane, labels);
    const auto gradients = torch::autograd::grad({loss + penalty}, network->parameters());
    const double norm = norm_of(gradients).item<double>();
    EXPECT_GT(result.penalty, 0);
    EXPECT_NEAR(result.penalty, penalty.item<double>(), 1e-5 * result.penalty) << text;
    EXPECT_NEAR(result.gradient_norm, norm, 1e-4 * norm) << text;
    EXPECT_GT(std::abs(result.gradient_norm - alone.gradient_norm), 1e-3 * norm) << text;
  }
}

TEST(ReferenceEngine, LearnsTheTrainingImages) {
  auto engine = make_reference_engine(small_options());
  const Batch batch = batch_of(0, 100);
  const double before = train_once(*engine, batch, 0.005).loss;
  BatchResult result;
  for (int step = 0; step < 60; ++step) result = train_once(*engine, batch, 0.005);
  EXPECT_LT(result.loss, before / 3);
  EXPECT_GE(result.correct, 90);
}

TEST(ReferenceEngine, GivesTheSameBitsForAnyNumberOfThreads) {
  expect_same_bits(*make_reference_engine(small_options(1)),
                   *make_reference_engine(small_options(3)));
}

TEST(ReferenceEngine, GoesOnBitForBitFromAnExportedState) {
  for (const OptimizerKind kind : {OptimizerKind::kAdam, OptimizerKind::kSgd}) {
    EngineOptions options = small_options();
    options.optimizer.kind = kind;
    options.optimizer.momentum = kind == OptimizerKind::kSgd ? 0.9 : 0;
    auto whole = make_reference_engine(options);
    for (std::uint32_t step = 0; step < 3; ++step)
      whole->train_batch(batch_of(step * 32, 32), 0.01);
    options.seed = 99;  // makes other weights, which the import must replace
    auto resumed = make_reference_engine(options);
    resumed->import_state(whole->export_state());
    auto weights_only = make_reference_engine(options);
    EngineState without_moments = weights_only->export_state();
    for (auto& [name, tensor] : without_moments.tensors) {
      if (name.rfind("optimizer.", 0) != 0) tensor = whole->export_state().tensors.at(name);
    }
    weights_only->import_state(without_moments);
    for (std::uint32_t step = 3; step < 6; ++step) {
      for (auto* engine : {whole.get(), resumed.get(), weights_only.get()}) {
        engine->train_batch(batch_of(step * 32, 32), 0.01);
      }
    }
    EXPECT_EQ(resumed->export_state().tensors, whole->export_state().tensors);
    EXPECT_EQ(resumed->export_state().step, 6);
    EXPECT_NE(weights_only->export_state().tensors, whole->export_state().tensors);
  }
}

TEST(ReferenceEngine, RefusesAStateThatDoesNotFit) {
  auto engine = make_reference_engine(small_options());
  const EngineState good = engine->export_state();
  const auto expect_refused = [&](const EngineState& state, const std::string& text) {
    try {
      engine->import_state(state);
      FAIL() << "accepted, expected: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kCheckpoint);
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  };
  EngineState state = good;
  state.tensors.erase("fc2.bias");
  expect_refused(state, "'fc2.bias' is missing");
  state = good;
  state.tensors["fc1.weight"].shape = {784, 30};
  expect_refused(state, "'fc1.weight' has the shape [784, 30], expected [30, 784]");
  state = good;
  state.tensors["fc3.weight"] = {{1}, {0}};
  expect_refused(state, "'fc3.weight' belongs to no part");
}

TEST(ReferenceEngine, KeepsItsParametersWhenTheLossIsNotFinite) {
  auto engine = make_reference_engine(small_options());
  EngineState state = engine->export_state();
  state.tensors["fc1.bias"].values[0] = std::numeric_limits<float>::infinity();
  state.tensors["fc2.weight"].values[0] = -std::numeric_limits<float>::infinity();
  engine->import_state(state);
  const BatchResult result = train_once(*engine, batch_of(0, 10), 0.01);
  EXPECT_FALSE(std::isfinite(result.loss) && std::isfinite(result.gradient_norm));
  EXPECT_EQ(engine->export_state().step, 0);
  EXPECT_EQ(engine->export_state().tensors, state.tensors);
}

TEST(ReferenceEngine, CountsSpikesPerNeuronAndClass) {
  const EngineOptions options = small_options();
  auto engine = make_reference_engine(options);
  const Batch batch = batch_of(0, 150);
  const Evaluation evaluation = engine->evaluate(batch);
  ASSERT_EQ(evaluation.predictions.size(), 150U);
  ASSERT_EQ(evaluation.spike_counts.size(), 1500U);
  ASSERT_EQ(evaluation.layer_spikes.size(), 2U);
  ASSERT_EQ(evaluation.layer_spikes[0].size(), 30U);
  std::vector<std::int64_t> by_class(10);
  for (std::size_t i = 0; i < 1500; ++i) {
    by_class[i % 10] += static_cast<std::int64_t>(evaluation.spike_counts[i]);
  }
  EXPECT_EQ(evaluation.layer_spikes[1], by_class);
}

TEST(ResolveDevice, RefusesWhatIsNotThere) {
  EXPECT_EQ(resolve_device("cpu"), "cpu");
  EXPECT_THROW(resolve_device("tpu"), Error);
  EXPECT_THROW(resolve_device("cuda:x"), Error);
  if (!torch::cuda::is_available()) {
    EXPECT_EQ(resolve_device("auto"), "cpu");
    EXPECT_THROW(resolve_device("cuda"), Error);
  }
}

// Spikes may differ if a membrane potential is within rounding of the threshold, so the test
// compares figures that depend little on single spikes.
TEST(CudaEngine, AgreesWithTheCpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  EngineOptions options = small_options();
  auto cpu = make_reference_engine(options);
  options.device = "cuda";
  auto gpu = make_reference_engine(options);
  const Batch batch = batch_of(0, 100);
  for (int step = 0; step < 5; ++step) {
    const BatchResult a = train_once(*cpu, batch, 0.01), b = train_once(*gpu, batch, 0.01);
    EXPECT_NEAR(a.loss, b.loss, 1e-2 * a.loss);
  }
  EXPECT_NEAR(cpu->evaluate(batch).loss_sum, gpu->evaluate(batch).loss_sum,
              1e-2 * cpu->evaluate(batch).loss_sum);
}

// The expected values were computed by hand from the weights, for one image.
TEST(RecordActivity, IsWhatHappensInTheNetwork) {
  EngineOptions options = small_options();
  const Batch batch = batch_of(7, 1);
  const auto engine = make_reference_engine(options);
  engine->train_batch(batch_of(0, 50), 0.01);
  const EngineState state = engine->export_state();
  const auto layers = record_activity(options, state.tensors, batch);
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].neurons, 30);

  const auto of = [&](const std::string& name) {
    const HostTensor& host = state.tensors.at(name);
    return torch::tensor(host.values).reshape(host.shape);
  };
  const auto over_time = [](const std::vector<float>& values) {
    return torch::tensor(values).reshape({8, -1});
  };
  const Tensor input =
      torch::tensor(std::vector<std::int64_t>(batch.values.begin(), batch.values.end()))
          .to(torch::kFloat)
          .div(255);
  Tensor arriving = input.expand({8, 784});
  for (int i = 0; i < 2; ++i) {
    const LayerActivity& layer = layers[static_cast<std::size_t>(i)];
    const std::string number = std::to_string(i + 1);
    const Tensor current =
        torch::matmul(arriving, of("fc" + number + ".weight").t()) + of("fc" + number + ".bias");
    EXPECT_TRUE(torch::allclose(over_time(layer.current), current, 1e-4, 1e-5)) << number;
    const Tensor membrane = over_time(layer.membrane), spikes = over_time(layer.spikes);
    EXPECT_TRUE(
        torch::equal(spikes, membrane.gt(of("lif" + number + ".threshold")).to(torch::kFloat)));
    EXPECT_TRUE(torch::allclose(membrane[1],
                                of("lif" + number + ".beta") * membrane[0] + current[1] -
                                    spikes[0] * of("lif" + number + ".threshold"),
                                1e-4, 1e-5));
    arriving = spikes;
  }
  const Evaluation answer = engine->evaluate(batch);
  EXPECT_TRUE(torch::equal(over_time(layers[1].spikes).sum(0), torch::tensor(answer.spike_counts)));
}

}  // namespace
}  // namespace snn
