#include "snn/engine/engine.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <thread>

#include "snn/engine/communicator.h"
#include "snn/text/error.h"
#include "support/error_of.h"
#include "support/small_job.h"

namespace snn {
namespace {

// The contract of every engine.
class EngineTest : public testing::TestWithParam<EngineKind> {
 protected:
  static EngineOptions options(int threads = 1) { return small_job({30, 10}, 8, threads); }
  static std::unique_ptr<Engine> engine(const EngineOptions& options) {
    return make_engine(GetParam(), options);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, EngineTest,
                         testing::Values(EngineKind::kReference, EngineKind::kFused),
                         [](const auto& engine) { return std::string(name_of(engine.param)); });

TEST_P(EngineTest, TrainsOnWhatWasPreparedWhateverBecomesOfTheBatch) {
  const auto plain = engine(options()), prepared = engine(options());
  Batch batch = batch_of(0, 40);
  PreparedBatch token;
  prepared->prepare(batch, token);
  // A loader refills the same memory.
  const Batch other = batch_of(40, 40);
  std::ranges::copy(other.values, batch.values.begin());
  std::ranges::copy(other.labels, batch.labels.begin());
  prepared->train_batch(token, 0.01, {});
  EXPECT_EQ(prepared->take_results().back().loss, train_once(*plain, batch_of(0, 40), 0.01).loss);
  prepared->train_batch(batch, 0.01);
  train_once(*plain, other, 0.01);
  prepared->train_batch(token, 0.01, {});
  train_once(*plain, batch_of(0, 40), 0.01);
  EXPECT_EQ(prepared->export_state().tensors, plain->export_state().tensors) << "a second time";
}

TEST_P(EngineTest, PreparesIntoMemoryThatWasUsedForALargerBatch) {
  const auto plain = engine(options()), prepared = engine(options());
  PreparedBatch token;
  prepared->prepare(batch_of(0, 60), token);
  prepared->prepare(batch_of(7, 20), token);
  prepared->train_batch(token, 0.01, {});
  const BatchResult result = prepared->take_results().back();
  EXPECT_EQ(result.samples, 20);
  EXPECT_EQ(result.loss, train_once(*plain, batch_of(7, 20), 0.01).loss);
}

TEST_P(EngineTest, DividesValuesByTheUnitOfTheBatch) {
  const auto one = engine(options()), other = engine(options());
  Batch batch = batch_of(0, 30), halves = batch;
  for (std::uint8_t& value : batch.values) value = static_cast<std::uint8_t>(value / 2 * 2);
  for (std::size_t i = 0; i < batch.values.size(); ++i) {
    halves.values[i] = static_cast<std::uint8_t>(batch.values[i] / 2);
  }
  batch.unit = 254;
  halves.unit = 127;
  EXPECT_EQ(train_once(*one, batch, 0.01).loss, train_once(*other, halves, 0.01).loss);
  halves.unit = 100;
  EXPECT_NE(one->evaluate(batch).loss_sum, one->evaluate(halves).loss_sum);
}

TEST_P(EngineTest, RefusesABatchThatItHasNotPrepared) {
  const auto own = engine(options());
  const auto other = make_engine(
      GetParam() == EngineKind::kFused ? EngineKind::kReference : EngineKind::kFused, options());
  PreparedBatch empty, foreign;
  other->prepare(batch_of(0, 10), foreign);
  EXPECT_THROW(own->train_batch(empty, 0.01, {}), Error);
  EXPECT_THROW(own->train_batch(foreign, 0.01, {}), Error);
  EXPECT_TRUE(own->take_results().empty());
}

TEST_P(EngineTest, GivesTheResultsOfAllStepsInTheirOrderHoweverOftenItIsAsked) {
  const auto at_once = engine(options()), later = engine(options());
  std::vector<BatchResult> expected;
  for (std::uint32_t step = 0; step < 3; ++step) {
    const Batch batch = batch_of(step * 33, 33);
    expected.push_back(train_once(*at_once, batch, 0.01));
    later->train_batch(batch, 0.01);
  }
  const auto results = later->take_results();
  ASSERT_EQ(results.size(), 3u);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].loss, expected[i].loss);
    EXPECT_EQ(results[i].correct, expected[i].correct);
    EXPECT_EQ(results[i].samples, 33);
    EXPECT_EQ(results[i].gradient_norm, expected[i].gradient_norm);
  }
  EXPECT_TRUE(later->take_results().empty());
}

TEST_P(EngineTest, DoesEachItemOfSideWorkOnceAStepAndOnceAnEvaluation) {
  for (const int threads : {1, 3}) {
    const auto own = engine(options(threads)), alone = engine(options(threads));
    std::array<std::atomic<int>, 5> calls{};
    const SideWork work{5, [&](std::int64_t item) { ++calls.at(static_cast<std::size_t>(item)); }};
    const Batch batch = batch_of(0, 300);  // several parts in an evaluation
    PreparedBatch prepared;
    own->prepare(batch, prepared);
    own->train_batch(prepared, 0.01, work);
    for (const auto& each : calls) EXPECT_EQ(each, 1);
    alone->train_batch(batch, 0.01);
    EXPECT_EQ(own->evaluate(batch, work).loss_sum, alone->evaluate(batch).loss_sum);
    for (const auto& each : calls) EXPECT_EQ(each, 2);
  }
}

TEST_P(EngineTest, ThrowsWhatSideWorkThrows) {
  const auto own = engine(options(2));
  const Batch batch = batch_of(0, 40);
  PreparedBatch prepared;
  own->prepare(batch, prepared);
  const SideWork fails{2, [](std::int64_t item) {
                         if (item == 1) throw std::runtime_error("no such sample");
                       }};
  EXPECT_THROW(own->train_batch(prepared, 0.01, fails), std::runtime_error);
  EXPECT_THROW(own->evaluate(batch, fails), std::runtime_error);
}

TEST_P(EngineTest, ImportsParametersWithoutMoments) {
  const auto trained = engine(options());
  for (std::uint32_t step = 0; step < 3; ++step) trained->train_batch(batch_of(step, 33), 0.01);
  const EngineState state = trained->export_state();
  HostTensors parameters = state.tensors;
  std::erase_if(parameters, [](const auto& item) { return item.first.starts_with("optimizer."); });
  EngineOptions sgd = options();
  sgd.optimizer.kind = OptimizerKind::kSgd;
  sgd.seed = 99;
  for (const HostTensors& tensors : {parameters, state.tensors}) {
    const auto other = engine(sgd);
    other->import_parameters(tensors);
    EXPECT_EQ(other->export_state().tensors, parameters);
    const Batch batch = batch_of(0, 100);
    EXPECT_EQ(other->evaluate(batch).membrane_sums, trained->evaluate(batch).membrane_sums);
  }
}

// The bytes that the process holds by malloc(); 0 where a sanitizer replaces it.
std::size_t bytes_held() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST_P(EngineTest, TakesNoMemoryForMomentsBeforeItTrains) {
  EngineOptions large = small_job({3000, 10}, 2, 1);
  const HostTensors parameters = [&] {
    EngineOptions sgd = large;
    sgd.optimizer.kind = OptimizerKind::kSgd;  // without moments
    return engine(sgd)->export_state().tensors;
  }();
  const std::size_t weights = parameters.at("fc1.weight").values.size() * sizeof(float);
  const Batch batch = batch_of(0, 1);
  const std::size_t before = bytes_held();
  if (before == 0) GTEST_SKIP() << "malloc() does not count";
  const auto own = engine(large);
  own->import_parameters(parameters);
  own->evaluate(batch);
  // Two moments for each weight would make it three times the weights.
  EXPECT_LT(bytes_held() - before, weights + weights / 2);
  own->train_batch(batch, 0.01);
  EXPECT_GT(bytes_held() - before, 3 * weights) << "they are there when they are needed";
}

TEST_P(EngineTest, LeavesTheOptimizerAloneWhenItImportsParameters) {
  const auto one = engine(options()), other = engine(options());
  for (auto* each : {one.get(), other.get()}) each->train_batch(batch_of(0, 33), 0.01);
  const EngineState state = other->export_state();
  other->train_batch(batch_of(33, 33), 0.01);
  EngineState expected = other->export_state();
  for (auto& [name, tensor] : expected.tensors) {
    if (!name.starts_with("optimizer.")) tensor = state.tensors.at(name);
  }
  other->import_parameters(state.tensors);
  EXPECT_EQ(other->export_state().tensors, expected.tensors);
  EXPECT_EQ(other->export_state().step, 2);
}

TEST_P(EngineTest, RefusesParametersThatDoNotFit) {
  const auto own = engine(options());
  const HostTensors good = own->export_state().tensors;
  const auto refusal = [&](const HostTensors& tensors) {
    return error_of(ExitCode::kCheckpoint, [&] { own->import_parameters(tensors); });
  };
  HostTensors tensors = good;
  tensors.erase("lif1.beta");
  EXPECT_EQ(refusal(tensors), "the tensor 'lif1.beta' is missing");
  tensors = good;
  tensors["fc2.weight"].shape = {30, 10};
  EXPECT_EQ(refusal(tensors), "the tensor 'fc2.weight' has the shape [30, 10], expected [10, 30]");
  tensors = good;
  tensors["fc3.weight"] = {{1}, {0}};
  EXPECT_EQ(refusal(tensors), "the tensor 'fc3.weight' belongs to no part of the network");
  EXPECT_EQ(own->export_state().tensors, good);
}

// Records its arguments, as the only rank.
class Listener : public Communicator {
 public:
  std::vector<std::vector<float>> calls;
  void sum(std::span<float> values) override { calls.emplace_back(values.begin(), values.end()); }
};

TEST_P(EngineTest, AsksTheCommunicatorOnceAStepWithTheGradientOfEveryParameter) {
  Listener listener;
  EngineOptions connected = options();
  connected.communicator = &listener;
  connected.optimizer.kind = OptimizerKind::kSgd;
  EngineOptions alone = connected;
  alone.communicator = nullptr;
  const auto own = engine(connected), other = engine(alone);
  double norm = 0;
  for (std::uint32_t step = 0; step < 2; ++step) {
    norm = train_once(*own, batch_of(step * 30, 30), 0.01).gradient_norm;
    EXPECT_NEAR(norm, train_once(*other, batch_of(step * 30, 30), 0.01).gradient_norm, 1e-6 * norm);
  }
  ASSERT_EQ(listener.calls.size(), 2u);
  const auto parameters = static_cast<std::size_t>(parameter_count(connected.network));
  double squares = 0;
  ASSERT_GE(listener.calls[1].size(), parameters);
  for (std::size_t i = 0; i < parameters; ++i) {
    squares += std::pow(static_cast<double>(listener.calls[1][i]) / 30, 2);
  }
  EXPECT_NEAR(std::sqrt(squares), norm, 1e-5 * norm);
  // With a single rank, the exchange changes only the rounding.
  const auto expected = other->export_state().tensors;
  for (const auto& [name, tensor] : own->export_state().tensors) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      ASSERT_NEAR(tensor.values[i], expected.at(name).values[i], 1e-6) << name << ' ' << i;
    }
  }
}

// Two ranks, each in its own thread.
class Pair {
 public:
  class Rank : public Communicator {
   public:
    Rank(Pair& pair, std::size_t number) : pair_(pair), number_(number) {}
    void sum(std::span<float> values) override { pair_.sum(number_, values); }

   private:
    Pair& pair_;
    std::size_t number_;
  };

  Rank ranks[2] = {{*this, 0}, {*this, 1}};

 private:
  void sum(std::size_t rank, std::span<float> values) {
    given_[rank].assign(values.begin(), values.end());
    arrived_.arrive_and_wait();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = given_[0].at(i) + given_[1].at(i);
    arrived_.arrive_and_wait();
  }

  std::vector<float> given_[2];
  std::barrier<> arrived_{2};
};

// Trains two ranks, each taking one step on every batch of its list in `batches`; returns their
// states.
std::vector<EngineState> train_pair(EngineKind kind, EngineOptions options,
                                    const std::vector<std::vector<Batch>>& batches,
                                    std::vector<BatchResult>* last = nullptr) {
  Pair pair;
  std::vector<EngineState> states(2);
  std::vector<BatchResult> results(2);
  const auto train = [&](std::size_t rank) {
    EngineOptions own = options;
    own.communicator = &pair.ranks[rank];
    const auto engine = make_engine(kind, own);
    for (const Batch& batch : batches[rank]) results[rank] = train_once(*engine, batch, 0.05);
    states[rank] = engine->export_state();
  };
  std::thread other([&] { train(1); });
  train(0);
  other.join();
  if (last != nullptr) *last = results;
  return states;
}

TEST_P(EngineTest, TakesTheStepOfTheWholeBatchOnEachRank) {
  EngineOptions sgd = options();
  sgd.optimizer.kind = OptimizerKind::kSgd;
  sgd.optimizer.clip_grad_norm = 0.01;  // clips the gradient of the whole batch
  const auto whole = engine(sgd);
  std::vector<std::vector<Batch>> parts(2);
  for (std::uint32_t step = 0; step < 3; ++step) {
    whole->train_batch(batch_of(step * 33, 33), 0.05);
    parts[0].push_back(batch_of(step * 33, 20));  // unequal parts: the mean is taken over samples
    parts[1].push_back(batch_of(step * 33 + 20, 13));
  }
  const auto states = train_pair(GetParam(), sgd, parts);
  EXPECT_EQ(states[0].tensors, states[1].tensors);
  EXPECT_EQ(states[0].step, 3);
  const auto expected = whole->export_state().tensors, fresh = engine(sgd)->export_state().tensors;
  EXPECT_NE(expected, fresh);
  for (const auto& [name, tensor] : states[0].tensors) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      ASSERT_NEAR(tensor.values[i], expected.at(name).values[i], 1e-6) << name << ' ' << i;
    }
  }
}

TEST_P(EngineTest, TakesNoStepOnAnyRankWhenTheLossOfOneIsNotFinite) {
  std::vector<std::vector<Batch>> parts(2);
  for (auto& part : parts) part.push_back(batch_of(0, 10));
  parts[1][0].unit = 1e-37F;  // makes pixels infinite
  std::vector<BatchResult> results;
  const auto states = train_pair(GetParam(), options(), parts, &results);
  for (std::size_t rank = 0; rank < 2; ++rank) {
    EXPECT_FALSE(results[rank].is_finite()) << rank;
    EXPECT_EQ(states[rank].step, 0);
    EXPECT_EQ(states[rank].tensors, engine(options())->export_state().tensors);
  }
}

}  // namespace
}  // namespace snn
