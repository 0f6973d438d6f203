#pragma once

#include <torch/types.h>

#include "snn/network/surrogate.h"

namespace snn {

/// The spikes, 0 or 1, of neurons whose membrane potential is `above` their threshold, (B,...).
/// With inhibition, `above` is (B,N) and only the neuron of each sample that is furthest above may
/// spike.
torch::Tensor fire(const torch::Tensor& above, const Surrogate& surrogate, bool inhibition);

/// 1 where the incoming membrane potential was above the threshold, else 0; not differentiated. It
/// triggers a delayed reset.
torch::Tensor was_above(const torch::Tensor& membrane, const torch::Tensor& threshold);

}  // namespace snn
