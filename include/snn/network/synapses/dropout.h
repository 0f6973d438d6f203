#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>

#include "snn/network/synapse.h"
#include "snn/network/synapses/dropout_spec.h"

namespace snn {

/// Dropout of the values that a layer receives; see DropoutSpec. It has no parameters and passes
/// its input on unchanged unless Pass::is_training. The draws are keyed by the pass's seed, epoch
/// and sample and by layer, operation, step and value, and are those of the fused engine.
class DropoutImpl : public torch::nn::Cloneable<DropoutImpl>, public Synapse {
 public:
  explicit DropoutImpl(DropoutSpec spec = {}, Seeds seeds = {});

  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Sequence forward(const Sequence& input, const Pass& pass) override;

  DropoutSpec spec;

 private:
  Seeds seeds_;
};
TORCH_MODULE(Dropout);

inline Dropout make_synapse(const DropoutSpec& spec, const Shape&, const Seeds& seeds) {
  return Dropout(spec, seeds);
}

}  // namespace snn
