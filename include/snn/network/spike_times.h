#pragma once

#include <cstdint>

namespace at {
class Tensor;
}

namespace snn {

/// The steps, from 0, of the first `count` spikes of each neuron, T-1 for spikes that it does not
/// have: (T,B,N) -> (count,B,N) in the dtype of `spikes`. What is not 0 counts as a spike. The
/// gradient of each time is that of the first (reads_first_spikes()): dL/dS = -dL/dt at its step.
/// snnTorch's MultiSpike takes a step's spikes from all neurons as soon as one has counted its own.
at::Tensor spike_times(const at::Tensor& spikes, std::int64_t count);

/// The mean of ((t - s)/T)^2 between the times (F,B,N) of F spikes of each neuron, or (B,N) of the
/// first, and the times s = `targets` of the same shape that they should have, 0 where |t - s| <
/// `tolerance`. Negative targets count from T = `steps`. It is snnTorch's mse_temporal_loss with
/// target_is_time (and multi_spike, for F > 1); for one label a sample see Loss::mse_temporal().
at::Tensor mse_spike_times(const at::Tensor& times, const at::Tensor& targets, std::int64_t steps,
                           double tolerance = 0.0);

}  // namespace snn
