#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/reference/reference_engine.h"
#include "snn/network/network.h"
#include "support/small_job.h"

namespace snn {
namespace {

using torch::Tensor;
using Numbers = std::vector<std::uint32_t>;

// An operation that writes down the context of each forward pass. If it needs the whole batch, it
// subtracts the mean over the batch, as batch normalisation does.
class Probe : public Synapse {
 public:
  struct Call {
    bool is_training;
    std::uint64_t seed, epoch;
    Numbers samples;
    std::int64_t size;  // of the input's batch
  };

  explicit Probe(bool needs_whole) : needs_whole_(needs_whole) {}

  Sequence forward(const Sequence& input, const Pass& pass) override {
    const std::lock_guard lock(mutex_);
    calls.push_back({pass.is_training, pass.seed, pass.epoch,
                     Numbers(pass.samples.begin(), pass.samples.end()), input.at(0).size(0)});
    if (!needs_whole_ || !pass.is_training) return input;
    const Tensor values = input.at(0);  // a constant input, that of the first layer
    return Sequence::constant(values - values.mean(0, /*keepdim=*/true), input.steps());
  }
  bool needs_whole_batch() const override { return needs_whole_; }

  std::vector<Call> calls;

 private:
  bool needs_whole_;
  std::mutex mutex_;
};

// A network whose first operation is the probe.
class ProbedNetwork : public NetworkImpl {
 public:
  ProbedNetwork(const EngineOptions& options, const std::shared_ptr<Probe>& probe)
      : NetworkImpl(options.network, options.seed) {
    layers_[0].synapse.insert(layers_[0].synapse.begin(), probe);
  }
};

struct ProbedEngine {
  ProbedEngine(bool needs_whole, int threads) : options(small_job({30, 10}, 8, threads)) {
    options.seed = 42;
    probe = std::make_shared<Probe>(needs_whole);
    network =
        Network(std::shared_ptr<NetworkImpl>(std::make_shared<ProbedNetwork>(options, probe)));
    engine = make_reference_engine(options, network);
  }

  EngineOptions options;
  std::shared_ptr<Probe> probe;
  Network network{nullptr};
  std::unique_ptr<Engine> engine;
};

Batch batch_in_epoch(std::uint32_t size, std::uint64_t epoch) {
  Batch batch = batch_of(0, size);
  for (std::uint32_t i = 0; i < size; ++i) batch.samples[i] = 1000 + 3 * i;
  batch.epoch = epoch;
  return batch;
}

// The samples [first, end) of such a batch.
Numbers numbers(std::uint32_t first, std::uint32_t end) {
  Numbers all;
  for (std::uint32_t i = first; i < end; ++i) all.push_back(1000 + 3 * i);
  return all;
}

TEST(Pass, TellsAModuleWhetherItTrainsAndWhichSamplesInWhichEpoch) {
  ProbedEngine probed(/*needs_whole=*/false, 1);
  probed.engine->train_batch(batch_in_epoch(77, 5), 0.01);
  const auto& calls = probed.probe->calls;
  ASSERT_EQ(calls.size(), 3u) << "pieces of 32";
  EXPECT_EQ(calls[0].samples, numbers(0, 32));
  EXPECT_EQ(calls[1].samples, numbers(32, 64));
  EXPECT_EQ(calls[2].samples, numbers(64, 77));
  for (const Probe::Call& call : calls) {
    EXPECT_TRUE(call.is_training);
    EXPECT_EQ(call.seed, 42u);
    EXPECT_EQ(call.epoch, 5u);
    EXPECT_EQ(call.size, std::ssize(call.samples));
  }
  probed.probe->calls.clear();
  probed.engine->evaluate(batch_in_epoch(150, 0));
  ASSERT_EQ(calls.size(), 2u) << "pieces of 100";
  EXPECT_EQ(calls[0].samples, numbers(0, 100));
  EXPECT_EQ(calls[1].samples, numbers(100, 150));
  for (const Probe::Call& call : calls) {
    EXPECT_FALSE(call.is_training);
    EXPECT_EQ(call.seed, 42u);
    EXPECT_EQ(call.epoch, 0u);
    EXPECT_EQ(call.size, std::ssize(call.samples));
  }
}

TEST(Pass, KnowsNoSamplesOfABatchWithoutNumbers) {
  ProbedEngine probed(/*needs_whole=*/false, 1);
  Batch batch = batch_of(0, 40);
  batch.samples.clear();
  probed.engine->train_batch(batch, 0.01);
  ASSERT_EQ(probed.probe->calls.size(), 2u);
  for (const Probe::Call& call : probed.probe->calls) EXPECT_TRUE(call.samples.empty());
}

TEST(WholeBatch, IsGivenInTrainingToANetworkWithAnOperationThatNeedsIt) {
  for (const int threads : {1, 3}) {
    ProbedEngine probed(/*needs_whole=*/true, threads);
    int done = 0;
    PreparedBatch prepared;
    probed.engine->prepare(batch_in_epoch(77, 5), prepared);
    std::mutex mutex;
    probed.engine->train_batch(prepared, 0.01, {4, [&](std::int64_t) {
                                                  const std::lock_guard lock(mutex);
                                                  ++done;
                                                }});
    EXPECT_EQ(done, 4) << "and the side work is done";
    EXPECT_EQ(torch::get_num_threads(), 1) << "as before";
    ASSERT_EQ(probed.probe->calls.size(), 1u);
    EXPECT_EQ(probed.probe->calls[0].samples, numbers(0, 77));
    EXPECT_EQ(probed.probe->calls[0].size, 77);
    EXPECT_TRUE(probed.probe->calls[0].is_training);
    probed.probe->calls.clear();
    probed.engine->evaluate(batch_in_epoch(150, 0));
    EXPECT_EQ(probed.probe->calls.size(), 2u) << "evaluation needs no batch";
  }
}

TEST(WholeBatch, TakesTheStepOfAutogradOverTheWholeBatch) {
  for (const int threads : {1, 3}) {
    ProbedEngine probed(/*needs_whole=*/true, threads);
    const EngineOptions& options = probed.options;
    const Batch batch = batch_in_epoch(77, 1);
    const Tensor input =
        torch::tensor(std::vector<std::int64_t>(batch.values.begin(), batch.values.end()))
            .to(torch::kFloat)
            .div(255)
            .reshape({77, 784});
    const Tensor labels =
        torch::tensor(std::vector<std::int64_t>(batch.labels.begin(), batch.labels.end()));
    Pass pass;
    pass.is_training = true;
    const NetworkOutput output = probed.network->forward(input, options.steps, pass);
    const Tensor loss = compute_loss(options.loss, output.spikes, output.membrane, labels);
    std::vector<Tensor> norms;
    for (const Tensor& gradient :
         torch::autograd::grad({loss}, probed.network->parameters(), {}, false, false, true)) {
      if (gradient.defined()) norms.push_back(gradient.norm());
    }
    const double norm = torch::stack(norms).norm().item<double>();
    const BatchResult result = train_once(*probed.engine, batch, 0.01);
    // Sums in another order: float32 rounding of a sum of 77 terms. In pieces, each with a mean of
    // its own, the loss differs by more than a hundred times that.
    EXPECT_NEAR(result.loss, loss.item<double>(), 1e-5 * result.loss);
    EXPECT_NEAR(result.gradient_norm, norm, 1e-4 * norm);
  }
}

}  // namespace
}  // namespace snn
