#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>

#include "snn/network/seeds.h"

namespace snn {

/// The dense recurrence of a layer of neurons: the current W s + b for its spikes s of the step
/// before. Parameters (or buffers, if not learned): "weight" (N,N) and "bias" (N), initially
/// uniform in ±1/sqrt(N), as PyTorch's Linear.
class RecurrentImpl : public torch::nn::Cloneable<RecurrentImpl> {
 public:
  RecurrentImpl(std::int64_t neurons, bool is_learned, Seeds seeds = {});

  void reset() override;
  /// Maps (B,...) of N values a sample to the same shape.
  torch::Tensor forward(const torch::Tensor& spikes) const;

  torch::Tensor weight, bias;

 private:
  std::int64_t neurons_;
  bool is_learned_;
  Seeds seeds_;
};
TORCH_MODULE(Recurrent);

/// The recurrent current: dense, or V s if there is no dense recurrence.
inline torch::Tensor recurrent_current(const torch::Tensor& spikes, const torch::Tensor& v,
                                       const Recurrent& dense) {
  return dense.is_empty() ? v * spikes : dense->forward(spikes);
}

}  // namespace snn
