#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <ostream>

#include "snn/network/synapse.h"
#include "snn/network/synapses/delay_spec.h"

namespace snn {

/// Delays of axons: each input i reaches the synapses d_i steps late, which may be learned. In
/// training a delay that is not whole is shared between the two steps beside it, so that it has a
/// gradient:
///
///     y_i(t) = (1 - f) x_i(t - n) + f x_i(t - n - 1),  n = floor(d_i), f = d_i - n
///
/// and 0 before the first step. In evaluation d_i is rounded to whole steps: what arrives is spikes
/// again. A constant input begins at step 0 and so does vary. Axonal delays: S. B. Shrestha and
/// G. Orchard, "SLAYER: Spike layer error reassignment in time" (NeurIPS 2018); the interpolation:
/// I. Khalfaoui-Hassani, T. Pellegrini and T. Masquelier, "Dilated convolution with learnable
/// spacings" (ICLR 2023).
///
/// Parameter, or buffer if not learned: "delay" (N), in units of max_delay, so that a step of an
/// optimiser that suits weights moves it by a fitting number of steps; initially uniform in [0, 1],
/// a function of seed, layer and position alone. The forward pass uses the nearest value in [0, 1];
/// the gradient ignores that.
class DelayImpl : public torch::nn::Cloneable<DelayImpl>, public Synapse {
 public:
  DelayImpl(DelaySpec spec, std::int64_t inputs, Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;
  Sequence forward(const Sequence& input, const Pass& pass) override;

  DelaySpec spec;
  std::int64_t inputs;
  torch::Tensor delay;

 private:
  Seeds seeds_;
};
TORCH_MODULE(Delay);

inline Delay make_synapse(const DelaySpec& spec, const Shape& input, const Seeds& seeds) {
  return Delay(spec, element_count(input), seeds);
}

/// The delays in steps that a forward pass uses for a tensor "delay": whole ones in evaluation.
torch::Tensor delays_in_steps(const torch::Tensor& delay, std::int64_t max_delay, const Pass& pass);

}  // namespace snn
