#pragma once

#include <torch/types.h>

#include "snn/network/surrogate.h"

namespace snn {

/// The spikes, 0 or 1, of neurons whose membrane is `above` their threshold, (B,...). With
/// inhibition, of (B,N), only the neuron of each sample that is furthest above may spike.
torch::Tensor fire(const torch::Tensor& above, const Surrogate& surrogate, bool inhibition);

/// 1 where the membrane that came in was above the threshold, else 0; not differentiated. It is
/// what a delayed reset goes by.
torch::Tensor was_above(const torch::Tensor& membrane, const torch::Tensor& threshold);

}  // namespace snn
