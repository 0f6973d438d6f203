#include <gtest/gtest.h>

#include <limits>

#include "kernels/kernels_test.h"

namespace snn::kernels {
namespace {

TEST_P(KernelsTest, KeepNanOutOfNoLoss) {
  constexpr std::int64_t kSteps = 2, kPadded = 16;
  for (const LossKind kind :
       {LossKind::kCeMembrane, LossKind::kCeMaxMembrane, LossKind::kCeSumMembrane,
        LossKind::kCeMeanSoftmax, LossKind::kMseMembrane}) {
    Buffer<float> spikes(kSteps * kPadded), membrane(kSteps * kPadded), scratch(2 * kPadded);
    LossImage image{kSteps, 10, kPadded, spikes.data(), membrane.data(),
                    4,      1,  nullptr, scratch.data()};
    EXPECT_TRUE(std::isfinite(kernels_->loss({kind, {1, 0}}, image)));
    membrane.data()[2] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(std::isfinite(kernels_->loss({kind, {1, 0}}, image))) << name_of(kind);
  }
}

}  // namespace
}  // namespace snn::kernels
