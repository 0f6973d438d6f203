#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <ostream>

#include "snn/network/synapse.h"
#include "snn/network/synapses/graded_spikes_spec.h"

namespace snn {

/// Spikes of different sizes: y_i = w_i x_i, as snnTorch's GradedSpikes.
///
/// Parameter, or buffer if not learned: "weights" (N), initially the factor of the specification,
/// or uniform in [0.5, 1.5], a function of seed, layer and position alone. snnTorch's has the shape
/// (N,1), which fits only inputs whose last dimension but one is N.
class GradedSpikesImpl : public torch::nn::Cloneable<GradedSpikesImpl>, public Synapse {
 public:
  GradedSpikesImpl(GradedSpikesSpec spec, std::int64_t inputs, Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;
  Sequence forward(const Sequence& input, const Pass& pass) override;

  GradedSpikesSpec spec;
  std::int64_t inputs;
  torch::Tensor weights;

 private:
  Seeds seeds_;
};
TORCH_MODULE(GradedSpikes);

inline GradedSpikes make_synapse(const GradedSpikesSpec& spec, const Shape& input,
                                 const Seeds& seeds) {
  return GradedSpikes(spec, element_count(input), seeds);
}

}  // namespace snn
