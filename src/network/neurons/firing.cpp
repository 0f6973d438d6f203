#include "network/neurons/firing.h"

#include <torch/torch.h>

namespace snn {

using torch::Tensor;

Tensor fire(const Tensor& above, const Surrogate& surrogate, bool inhibition) {
  const Tensor spikes = spike(above, surrogate);
  if (!inhibition) return spikes;
  TORCH_CHECK(above.dim() == 2, "inhibition expects (B,N), found ", above.sizes());
  const Tensor winner = above.detach().argmax(/*dim=*/1, /*keepdim=*/true);
  return spikes * torch::zeros_like(spikes).scatter_(1, winner, 1.0);
}

Tensor was_above(const Tensor& membrane, const Tensor& threshold) {
  return membrane.detach().gt(threshold.detach()).to(membrane.scalar_type());
}

}  // namespace snn
