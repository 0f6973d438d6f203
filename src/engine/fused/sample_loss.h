#pragma once

#include <cstdint>

#include "kernels/kernels.h"
#include "snn/network/loss.h"

namespace snn::fused {

/// The outputs of one sample, (T,padded), and what is wanted of them.
struct SampleOutputs {
  const float* spikes;    ///< zero in the padding
  const float* membrane;  ///< the same
  std::int64_t label;
  /// Where the gradients of the batch's loss go; null: not wanted. Only those that the loss has
  /// are written.
  float* spikes_gradient;
  float* membrane_gradient;
};

/// A loss by the kernels, one sample after the other: its terms, their weights, the samples'
/// weights and the population code.
class SampleLoss {
 public:
  /// For networks of `outputs` outputs, in rows of `padded`. Throws as class_count() does.
  SampleLoss(const Loss& loss, const Classes& classes, std::int64_t outputs, std::int64_t padded,
             const kernels::Kernels& kernels);

  /// Whether there is a gradient of spikes and of membranes.
  bool reads_spikes() const { return reads_spikes_; }
  bool reads_membrane() const { return reads_membrane_; }
  std::int64_t classes() const { return class_count_; }

  /// The loss of a sample, one of `samples` in a batch, over which gradients are a mean. Different
  /// threads may call it for different samples.
  double operator()(const SampleOutputs& outputs, std::int64_t steps, std::int64_t samples) const;

 private:
  double term_alone(const LossTerm& term, const SampleOutputs& outputs, std::int64_t steps,
                    float scale) const;
  double sum_of_terms(const SampleOutputs& outputs, std::int64_t steps, float scale) const;

  Loss loss_;
  Classes classes_;
  std::int64_t outputs_, padded_, class_count_;
  const kernels::Kernels& kernels_;
  bool reads_spikes_ = false, reads_membrane_ = false;
};

}  // namespace snn::fused
