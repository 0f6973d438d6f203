#include "train/next_batch.h"

#include <gtest/gtest.h>

#include <atomic>

#include "system/thread_pool.h"

namespace snn {
namespace {

// Samples of which a batch of five has four pieces or more.
Dataset five_large_samples() {
  Dataset dataset;
  dataset.shape = {static_cast<std::int64_t>(Loader::kLeastPiece)};
  for (std::size_t i = 0; i < 5 * Loader::kLeastPiece; ++i) {
    dataset.values.push_back(static_cast<std::uint8_t>(i % 251));
  }
  dataset.labels = {4, 3, 2, 1, 0};
  return dataset;
}

TEST(NextBatch, IsCompleteWhenTheLastPieceIsDone) {
  const Dataset dataset = five_large_samples();
  const DatasetSource source(dataset);
  const Loader loader(source, {4, 2, 0, 1, 3}, 5);
  Batch expected, batch;
  loader.load(0, expected);
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    std::atomic<int> calls = 0;
    batch = {};
    const SideWork work = loading(loader, 0, batch, [&] {
      ++calls;
      EXPECT_EQ(batch.values, expected.values);
      EXPECT_EQ(batch.labels, expected.labels);
    });
    EXPECT_EQ(work.count, 5);
    EXPECT_EQ(calls, 0);
    pool.run(work.count, [&](std::int64_t item, int) { work.work(item); });
    EXPECT_EQ(calls, 1);
  }
}

TEST(NextBatch, IsNoWorkAfterTheLastBatch) {
  const Dataset dataset = five_large_samples();
  const DatasetSource source(dataset);
  const Loader loader(source, {4, 2, 0}, 2);
  Batch batch;
  EXPECT_EQ(loading(loader, 1, batch).count, 1);
  batch.labels = {7};
  EXPECT_EQ(loading(loader, 2, batch).count, 0);
  EXPECT_EQ(batch.labels, std::vector<std::uint8_t>{7}) << "the batch stays";
}

}  // namespace
}  // namespace snn
