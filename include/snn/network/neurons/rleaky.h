#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/recurrent.h"
#include "snn/network/neurons/rleaky_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Leaky integrate-and-fire neurons whose spikes come back to them one step later, exactly as
/// snnTorch's RLeaky. With their spikes S of the step before, and R = 1 where the membrane before
/// the step is above the threshold (not differentiated; S is):
///
///     F = clamp(beta, 0, 1) U + I + V(S)
///     subtract  U' = F - R threshold
///     zero      U' = F - R F, current and recurrence of that step are lost too
///     none      U' = F
///     subtract-beta  U' = clamp(beta, 0, 1) (U - R threshold) + I + V(S)
///     S' = H(U' - threshold)
///
/// V(S) is V S with one-to-one recurrence, and a linear map of the layer's spikes with dense.
/// reset_delay and inhibition work as in Leaky.
///
/// state_quant and refractory work as in Leaky.
///
/// State: "spikes", "membrane". Parameters (or buffers, if not learned): "beta", "threshold", 0-dim
/// or (N); one-to-one: "V", 0-dim or (N) (snnTorch's state_dict repeats it as "recurrent.V");
/// dense: "recurrent.weight" (N,N), "recurrent.bias" (N). The buffers "graded_spikes_factor" (1)
/// and "reset_mechanism_val" complete snnTorch's state_dict.
class RleakyImpl : public torch::nn::Cloneable<RleakyImpl>, public Neuron {
 public:
  explicit RleakyImpl(RleakyOptions options = {}, std::int64_t neurons = 1, Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  RleakyOptions options;
  torch::Tensor beta, threshold, v;
  Recurrent recurrent = nullptr;  ///< if dense

 private:
  std::int64_t neurons_;
  Seeds seeds_;
};
TORCH_MODULE(Rleaky);

inline Rleaky make_neuron(const RleakyOptions& options, const Shape& shape, const Seeds& seeds) {
  return Rleaky(options, element_count(shape), seeds);
}

}  // namespace snn
