#include "snn/train/training_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.h"
#include "support/training.h"

namespace snn {
namespace {

using testing::ElementsAre;

TEST(TrainingData, SharesOutTheData) {
  Config config = small_config();
  config.limit_train = 7;
  config.limit_test = 3;
  const TrainingData data = load_training_data(config);
  EXPECT_THAT(data.train_indices, ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(data.test_indices, ElementsAre(0, 1, 2));
  ASSERT_EQ(data.validation_indices.size(), 20u);
  EXPECT_EQ(data.validation_indices.front(), 80u);
  EXPECT_EQ(data.validation_indices.back(), 99u);
  config.limit_train = 90;
  EXPECT_EQ(load_training_data(config).train_indices.size(), 80u) << "none of the validation's";
  config.limit_train = config.limit_test = config.validation = 0;
  EXPECT_EQ(load_training_data(config).train_indices.size(), 100u);
  EXPECT_EQ(load_training_data(config).test_indices.size(), 100u);
  config.validation = 100;
  EXPECT_EQ(error_of(ExitCode::kUsage, [&] { load_training_data(config); }),
            "validation: expected fewer than the 100 training images, found 100");
}

}  // namespace
}  // namespace snn
