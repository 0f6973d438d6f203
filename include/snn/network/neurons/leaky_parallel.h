#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/leaky_parallel_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Rectified leaky neurons without reset, as snnTorch's LeakyParallel, PyTorch's RNN with a
/// diagonal recurrence:
///
///     U' = max(0, I + bias_hh + beta U)
///     S  = graded_spikes_factor H(U' - threshold)
///
/// snnTorch's input weights are the layer's linear synapse. beta is a weight, so it is not clamped;
/// one value per neuron is honoured, which snnTorch overlooks. As its membrane cannot be negative,
/// it is not Leaky without reset.
///
/// State: "membrane". Parameters (or buffers, if not learned), 0-dim or (N): "beta" (snnTorch's
/// diagonal of rnn.weight_hh_l0), "threshold", "graded_spikes_factor"; with recurrent_bias the
/// parameter "bias_hh" (N), initially uniform in ±1/sqrt(N).
class LeakyParallelImpl : public torch::nn::Cloneable<LeakyParallelImpl>, public Neuron {
 public:
  explicit LeakyParallelImpl(LeakyParallelOptions options = {}, std::int64_t neurons = 1,
                             Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override { return {"membrane"}; }
  StepResult step(const torch::Tensor& current, const State& state) const override;

  LeakyParallelOptions options;
  torch::Tensor beta, threshold, graded_spikes_factor, bias_hh;

 private:
  std::int64_t neurons_;
  Seeds seeds_;
};
TORCH_MODULE(LeakyParallel);

inline LeakyParallel make_neuron(const LeakyParallelOptions& options, const Shape& shape,
                                 const Seeds& seeds) {
  return LeakyParallel(options, element_count(shape), seeds);
}

}  // namespace snn
