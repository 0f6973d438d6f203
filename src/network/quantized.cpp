#include <torch/torch.h>

#include "snn/network/state_quant.h"

namespace snn {

using torch::Tensor;

Tensor quantized(const Tensor& x, const StateQuant& quant) {
  if (quant.kind == StateQuantKind::kNone) return x;
  const Tensor values = torch::tensor(levels(quant), torch::kDouble).to(x.options());
  const Tensor limits = (values.slice(0, 1) + values.slice(0, 0, -1)) / 2;
  const Tensor nearest = values.index_select(0, torch::bucketize(x.detach(), limits).flatten());
  return nearest.view_as(x) + (x - x.detach());
}

}  // namespace snn
