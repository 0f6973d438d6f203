#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <ostream>

#include "snn/network/synapse.h"
#include "snn/network/synapses/delayed_linear_spec.h"

namespace snn {

/// A fully connected synapse whose every connection has a delay of its own, which may be learned:
///
///     I_j(t) = sum over i and k of  W_ji max(0, 1 - |k - d_ji|) x_i(t - k)  + b_j
///
/// for k = 0 ... max_delay, with x = 0 before the first step; in evaluation d is rounded to whole
/// steps. It is a convolution over time: I. Hammouamri, I. Khalfaoui-Hassani and T. Masquelier,
/// "Learning delays in spiking neural networks using dilated convolutions with learnable spacings"
/// (ICLR 2024), with their triangle in place of a Gaussian that narrows. A constant input begins at
/// step 0 and so does vary.
///
/// Parameters: "weight" (outputs,inputs), "bias" (outputs) as in Linear, and "delay"
/// (outputs,inputs), a buffer if not learned, as in Delay.
class DelayedLinearImpl : public torch::nn::Cloneable<DelayedLinearImpl>, public Synapse {
 public:
  DelayedLinearImpl(DelayedLinearSpec spec, std::int64_t inputs, Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;
  Sequence forward(const Sequence& input, const Pass& pass) override;

  DelayedLinearSpec spec;
  std::int64_t inputs;
  torch::Tensor weight, bias, delay;

 private:
  Seeds seeds_;
};
TORCH_MODULE(DelayedLinear);

inline DelayedLinear make_synapse(const DelayedLinearSpec& spec, const Shape& input,
                                  const Seeds& seeds) {
  return DelayedLinear(spec, element_count(input), seeds);
}

}  // namespace snn
