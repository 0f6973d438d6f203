#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/recurrent.h"
#include "snn/network/neurons/rsynaptic_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Leaky integrate-and-fire neurons with a synaptic current, whose spikes come back to them one
/// step later, as snnTorch's RSynaptic. With their spikes S of the step before, R = 1 where the
/// membrane before the step is above the threshold (not differentiated; S is), and decays clamped
/// to [0, 1]:
///
///     s' = alpha s + I + V(S)
///     F  = beta U + s'
///     subtract  U' = F - R threshold
///     zero      U' = F - R F, and s' is kept
///     none      U' = F
///     subtract-beta  U' = beta (U - R threshold) + s'
///     S' = H(U' - threshold)
///
/// V(S) is as in Rleaky. reset_delay and inhibition work as in Leaky; in snnTorch no delay fails.
///
/// state_quant and refractory work as in Leaky.
///
/// State: "spikes", "synaptic current", "membrane". Parameters (or buffers, if not learned): those
/// of Rleaky and "alpha", 0-dim or (N).
class RsynapticImpl : public torch::nn::Cloneable<RsynapticImpl>, public Neuron {
 public:
  explicit RsynapticImpl(RsynapticOptions options = {}, std::int64_t neurons = 1, Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  RsynapticOptions options;
  torch::Tensor alpha, beta, threshold, v;
  Recurrent recurrent = nullptr;  ///< if dense

 private:
  std::int64_t neurons_;
  Seeds seeds_;
};
TORCH_MODULE(Rsynaptic);

inline Rsynaptic make_neuron(const RsynapticOptions& options, const Shape& shape,
                             const Seeds& seeds) {
  return Rsynaptic(options, element_count(shape), seeds);
}

}  // namespace snn
