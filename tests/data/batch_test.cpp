#include "snn/data/batch.h"

#include <gtest/gtest.h>

#include <array>

namespace snn {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Gather, TakesSamplesInTheOrderOfTheIndices) {
  Dataset dataset;
  dataset.shape = {1, 1, 2};
  dataset.values = {10, 11, 20, 21, 30, 31};
  dataset.labels = {1, 2, 3};
  const std::array<std::uint32_t, 4> indices{2, 0, 2, 1};

  Batch batch;
  gather(dataset, indices, batch);
  EXPECT_EQ(batch.size(), 4);
  EXPECT_EQ(batch.shape, dataset.shape);
  EXPECT_FALSE(batch.is_sequence);
  EXPECT_EQ(batch.values, (Bytes{30, 31, 10, 11, 30, 31, 20, 21}));
  EXPECT_EQ(batch.labels, (Bytes{3, 1, 3, 2}));
}

TEST(Gather, PutsTimeFirstInABatchOfSequences) {
  Dataset dataset;
  dataset.shape = {2};
  dataset.is_sequence = true;
  dataset.values = {10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25};  // two samples of three steps
  dataset.labels = {1, 2};
  const std::array<std::uint32_t, 2> indices{1, 0};

  Batch batch;
  gather(dataset, indices, batch);
  EXPECT_TRUE(batch.is_sequence);
  EXPECT_EQ(batch.values, (Bytes{20, 21, 10, 11, 22, 23, 12, 13, 24, 25, 14, 15}));
  EXPECT_EQ(batch.labels, (Bytes{2, 1}));
}

TEST(Gather, LeavesNothingOfALargerBatchAndKeepsItsMemory) {
  Dataset dataset;
  dataset.shape = {1};
  dataset.values = {7, 8, 9};
  dataset.labels = {0, 1, 2};

  Batch batch;
  gather(dataset, std::array<std::uint32_t, 3>{0, 1, 2}, batch);
  const std::uint8_t* memory = batch.values.data();
  gather(dataset, std::array<std::uint32_t, 1>{1}, batch);
  EXPECT_EQ(batch.values, (Bytes{8}));
  EXPECT_EQ(batch.labels, (Bytes{1}));
  EXPECT_EQ(batch.values.data(), memory);

  gather(dataset, {}, batch);
  EXPECT_EQ(batch.size(), 0);
  EXPECT_TRUE(batch.values.empty());
}

}  // namespace
}  // namespace snn
