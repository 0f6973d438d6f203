#include "snn/data/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "snn/numeric/random.h"
#include "system/thread_pool.h"

namespace snn {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Loader, TakesSamplesInTheOrderOfTheIndices) {
  Dataset dataset;
  dataset.shape = {1, 1, 2};
  dataset.values = {10, 11, 20, 21, 30, 31};
  dataset.labels = {1, 2, 3};

  const DatasetSource source(dataset);
  const Loader loader(source, {2, 0, 2, 1}, 4);
  EXPECT_EQ(loader.batches(), 1);
  EXPECT_EQ(loader.samples(), 4);
  Batch batch;
  loader.load(0, batch);
  EXPECT_EQ(batch.size(), 4);
  EXPECT_EQ(batch.samples, (std::vector<std::uint32_t>{2, 0, 2, 1}));
  EXPECT_EQ(batch.epoch, 0u);
  EXPECT_EQ(batch.unit, 255) << "a pixel's";
  EXPECT_EQ(batch.shape, dataset.shape);
  EXPECT_FALSE(batch.is_sequence);
  EXPECT_EQ(batch.values, (Bytes{30, 31, 10, 11, 30, 31, 20, 21}));
  EXPECT_EQ(batch.labels, (Bytes{3, 1, 3, 2}));
}

TEST(Loader, PutsTimeFirstInABatchOfSequences) {
  Dataset dataset;
  dataset.shape = {2};
  dataset.is_sequence = true;
  dataset.values = {10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25};  // two samples of three steps
  dataset.labels = {1, 2};

  const DatasetSource source(dataset);
  EXPECT_EQ(source.format().frames, 3);
  Batch batch;
  Loader(source, {1, 0}, 2).load(0, batch);
  EXPECT_TRUE(batch.is_sequence);
  EXPECT_EQ(batch.values, (Bytes{20, 21, 10, 11, 22, 23, 12, 13, 24, 25, 14, 15}));
  EXPECT_EQ(batch.labels, (Bytes{2, 1}));
}

TEST(Loader, LeavesNothingOfALargerBatchAndKeepsItsMemory) {
  Dataset dataset;
  dataset.shape = {1};
  dataset.values = {7, 8, 9};
  dataset.labels = {0, 1, 2};

  Batch batch;
  const DatasetSource source(dataset);
  Loader(source, {0, 1, 2}, 3).load(0, batch);
  const std::uint8_t* memory = batch.values.data();
  Loader(source, {1}, 3).load(0, batch);
  EXPECT_EQ(batch.values, (Bytes{8}));
  EXPECT_EQ(batch.labels, (Bytes{1}));
  EXPECT_EQ(batch.values.data(), memory);
  EXPECT_EQ(batch.samples.size(), 1u);
  EXPECT_EQ(Loader(source, {}, 3).batches(), 0);
}

// Samples of two steps, of which a batch of 20 fills two pieces and a bit.
Dataset large_samples() {
  constexpr std::size_t kSamples = 30, kSteps = 2;
  Dataset dataset;
  dataset.shape = {3, static_cast<std::int64_t>(Loader::kLeastPiece / 50)};
  dataset.is_sequence = true;
  const auto frame = static_cast<std::size_t>(element_count(dataset.shape));
  for (std::size_t i = 0; i < kSamples * kSteps * frame; ++i) {
    dataset.values.push_back(static_cast<std::uint8_t>((i * 2654435761U) >> 13));
  }
  for (std::size_t i = 0; i < kSamples; ++i) {
    dataset.labels.push_back(static_cast<std::uint8_t>(i));
  }
  return dataset;
}

TEST(Loader, LoadsTheSameBytesInPiecesOnAnyNumberOfThreads) {
  const Dataset dataset = large_samples();
  const DatasetSource source(dataset);
  std::vector<std::uint32_t> indices(30);
  std::iota(indices.begin(), indices.end(), 0U);
  Loader loader(source, indices, 20);
  loader.shuffle(7, 3);
  Batch whole, parts;
  for (std::int64_t index = 0; index < loader.batches(); ++index) {
    loader.load(index, whole);
    for (const int threads : {1, 2, 3}) {
      ThreadPool pool(threads);
      const std::int64_t pieces = loader.begin(index, parts);
      EXPECT_EQ(pieces, index == 0 ? 2 : 1);
      std::ranges::fill(parts.values, std::uint8_t{0xAA});
      std::ranges::fill(parts.labels, std::uint8_t{0xAA});
      pool.run(pieces, [&](std::int64_t piece, int) { loader.load_piece(piece, parts); });
      EXPECT_EQ(parts.values, whole.values) << threads;
      EXPECT_EQ(parts.labels, whole.labels) << threads;
      EXPECT_EQ(parts.samples, whole.samples);
      EXPECT_EQ(parts.epoch, 3u);
    }
  }
}

TEST(Loader, WritesAPieceToItsOwnPartOfTheBatch) {
  const Dataset dataset = large_samples();
  const DatasetSource source(dataset);
  std::vector<std::uint32_t> indices(30);
  std::iota(indices.begin(), indices.end(), 0U);
  const Loader loader(source, indices, 30);
  Batch whole, batch;
  loader.load(0, whole);
  std::set<std::size_t> written;  // samples
  const std::int64_t pieces = loader.begin(0, batch);
  ASSERT_EQ(pieces, 3);
  const std::size_t frame = batch.values.size() / 60;
  for (const std::int64_t piece : {2, 0, 1}) {
    std::vector<std::uint8_t> other(whole.values.size());
    for (std::size_t i = 0; i < other.size(); ++i) other[i] = whole.values[i] ^ 0xFFU;
    batch.values = other;
    batch.labels.assign(30, 99);
    loader.load_piece(piece, batch);
    for (std::size_t sample = 0; sample < 30; ++sample) {
      const bool is_own = batch.labels[sample] != 99;
      if (is_own) {
        EXPECT_TRUE(written.insert(sample).second) << sample << " by two pieces";
      }
      for (const std::size_t at : {sample * frame, (30 + sample) * frame}) {
        const auto& expected = is_own ? whole.values : other;
        EXPECT_TRUE(std::equal(batch.values.begin() + at, batch.values.begin() + at + frame,
                               expected.begin() + at))
            << piece << ", sample " << sample;
      }
    }
  }
  EXPECT_EQ(written.size(), 30u);
}

// Handing over so few bytes would take longer than copying them.
TEST(Loader, MakesOnePieceOfASmallBatch) {
  Dataset dataset;
  dataset.shape = {1, 28, 28};
  dataset.values.resize(128 * 784);
  dataset.labels.resize(128);
  const DatasetSource source(dataset);
  std::vector<std::uint32_t> indices(128);
  Batch batch;
  EXPECT_EQ(Loader(source, indices, 128).begin(0, batch), 1);
  EXPECT_EQ(Loader(source, {}, 128).batches(), 0);
}

TEST(Loader, MakesNoMorePiecesThanSamples) {
  Dataset dataset;
  dataset.shape = {static_cast<std::int64_t>(5 * Loader::kLeastPiece)};
  dataset.values.resize(2 * 5 * Loader::kLeastPiece);
  dataset.labels.resize(2);
  const DatasetSource source(dataset);
  Batch batch;
  EXPECT_EQ(Loader(source, {0, 1}, 2).begin(0, batch), 2);
}

// Ten samples whose values equal their labels.
Dataset ten_samples() {
  Dataset dataset;
  dataset.shape = {1};
  dataset.values.resize(10);
  std::iota(dataset.values.begin(), dataset.values.end(), std::uint8_t{0});
  dataset.labels = dataset.values;
  return dataset;
}

std::vector<std::uint32_t> samples_of(const Loader& loader) {
  std::vector<std::uint32_t> samples;
  Batch batch;
  for (std::int64_t i = 0; i < loader.batches(); ++i) {
    loader.load(i, batch);
    EXPECT_EQ(batch.size(), i + 1 < loader.batches() ? 3 : loader.samples() - 3 * i);
    EXPECT_TRUE(std::ranges::equal(batch.samples, batch.values)) << "each with its own values";
    EXPECT_EQ(batch.labels, batch.values);
    samples.insert(samples.end(), batch.samples.begin(), batch.samples.end());
  }
  return samples;
}

TEST(Loader, CutsAnEpochIntoBatchesOfWhichTheLastIsSmaller) {
  const Dataset dataset = ten_samples();
  const DatasetSource source(dataset);
  const Loader loader(source, {9, 8, 7, 6, 5, 4, 3}, 3);
  EXPECT_EQ(loader.batches(), 3);
  EXPECT_EQ(samples_of(loader), (std::vector<std::uint32_t>{9, 8, 7, 6, 5, 4, 3}));
}

TEST(Loader, ShufflesBySeedAndEpochAlone) {
  const Dataset dataset = ten_samples();
  const DatasetSource source(dataset);
  const std::vector<std::uint32_t> indices = {9, 8, 7, 6, 5, 4, 3};
  Loader loader(source, indices, 3), other(source, indices, 3);
  other.shuffle(5, 1);  // earlier shuffles have no influence
  for (Loader* each : {&loader, &other}) each->shuffle(5, 2);
  std::vector<std::uint32_t> expected;
  for (const std::uint32_t place : shuffled(7, 5, 2)) expected.push_back(indices[place]);
  EXPECT_EQ(samples_of(loader), expected);
  EXPECT_EQ(samples_of(other), expected);
  Batch batch;
  loader.load(0, batch);
  EXPECT_EQ(batch.epoch, 2u);
  loader.shuffle(5, 3);
  EXPECT_NE(samples_of(loader), expected);
  loader.shuffle(6, 2);
  EXPECT_NE(samples_of(loader), expected);
}

// 60 images of 28 x 28 in every shade.
Dataset images() {
  Dataset dataset;
  dataset.shape = {1, 28, 28};
  RandomStream random(3, Purpose::kWeights, 0, 0);
  for (int i = 0; i < 60; ++i) dataset.labels.push_back(static_cast<std::uint8_t>(i));
  for (int i = 0; i < 60 * 784; ++i) {
    dataset.values.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  return dataset;
}

// The spikes of each sample, by its number, in epoch `epoch`.
std::vector<std::vector<std::uint32_t>> encoded(const Dataset& dataset, std::int64_t batch_size,
                                                int threads, std::uint32_t epoch) {
  const DatasetSource source(dataset);
  std::vector<std::uint32_t> indices(dataset.labels.size());
  std::iota(indices.begin(), indices.end(), 0U);
  Loader loader(source, indices, batch_size, {RateCode{}, 40, 7});
  if (epoch > 0) loader.shuffle(7, epoch);
  ThreadPool pool(threads);
  std::vector<std::vector<std::uint32_t>> spikes(indices.size());
  Batch batch;
  for (std::int64_t index = 0; index < loader.batches(); ++index) {
    const std::int64_t pieces = loader.begin(index, batch);
    pool.run(pieces, [&](std::int64_t piece, int) { loader.load_piece(piece, batch); });
    EXPECT_TRUE(batch.is_sequence);
    EXPECT_TRUE(batch.values.empty());
    EXPECT_EQ(batch.spike_steps, 40);
    const std::size_t size = batch.spikes.size() / batch.samples.size();
    EXPECT_EQ(size, 2 * 784u);
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      const auto first = batch.spikes.begin() + static_cast<std::ptrdiff_t>(i * size);
      spikes[batch.samples[i]].assign(first, first + static_cast<std::ptrdiff_t>(size));
    }
  }
  return spikes;
}

TEST(Loader, EncodesASampleTheSameInAnyBatchOnAnyThread) {
  const Dataset dataset = images();
  const auto expected = encoded(dataset, 60, 1, 2);
  for (const int threads : {1, 2, 3}) {
    for (const std::int64_t batch_size : {1, 7, 59}) {
      EXPECT_EQ(encoded(dataset, batch_size, threads, 2), expected) << batch_size;
    }
  }
  EXPECT_NE(encoded(dataset, 60, 1, 3), expected) << "in another epoch";
}

TEST(Loader, DrawsOutsideOfTrainingAreRepeatable) {
  const Dataset dataset = images();
  const auto expected = encoded(dataset, 60, 1, 0);
  EXPECT_EQ(encoded(dataset, 13, 2, 0), expected);
  EXPECT_NE(encoded(dataset, 60, 1, 1), expected);
}

TEST(Loader, ReusesABatchForValuesAndSpikes) {
  const Dataset dataset = images();
  const DatasetSource source(dataset);
  Batch batch, fresh;
  Loader(source, {1, 2}, 2, {PhaseCode{}, 10}).load(0, batch);
  EXPECT_TRUE(batch.has_spikes());
  Loader(source, {1, 2}, 2).load(0, batch);
  Loader(source, {1, 2}, 2).load(0, fresh);
  EXPECT_FALSE(batch.has_spikes());
  EXPECT_FALSE(batch.is_sequence);
  EXPECT_TRUE(batch.spikes.empty());
  EXPECT_EQ(batch.values, fresh.values);
}

TEST(Loader, EncodesSequencesOverTheirOwnSteps) {
  Dataset dataset;
  dataset.shape = {2};
  dataset.is_sequence = true;
  dataset.labels = {0};
  dataset.values = {0, 255, 255, 255, 255, 0};
  const DatasetSource source(dataset);
  Batch batch;
  Loader(source, {0}, 1, {DeltaCode{}, 25}).load(0, batch);
  EXPECT_EQ(batch.spike_steps, 3);
  EXPECT_EQ(batch.spikes, (std::vector<std::uint32_t>{0b010, 0b001}));
}

}  // namespace
}  // namespace snn
