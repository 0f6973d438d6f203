#include "snn/network/synapses/dropout.h"

#include <torch/torch.h>

#include <vector>

#include "network/field_text.h"
#include "network/synapses/dropout_draws.h"

namespace snn {

using torch::Tensor;

DropoutImpl::DropoutImpl(DropoutSpec spec_, Seeds seeds) : spec(spec_), seeds_(seeds) {}

void DropoutImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Dropout(" << fields_text(spec) << ")";
}

Sequence DropoutImpl::forward(const Sequence& input, const Pass& pass) {
  if (!pass.is_training || spec.p == 0) return input;
  // A constant input remains constant if all steps have the same draws.
  const Tensor values = spec.per_step ? input.at_all_steps() : input.values();
  const bool has_steps = spec.per_step || !input.is_constant();
  const std::int64_t samples = values.size(has_steps ? 1 : 0);
  const std::int64_t steps = spec.per_step ? input.steps() : 1;
  const std::int64_t rows = samples * (has_steps ? input.steps() : 1);
  const std::int64_t width = rows == 0 ? 0 : values.numel() / rows;
  Tensor kept = torch::empty({steps, samples, width}, torch::kByte);
  auto* row = kept.data_ptr<std::uint8_t>();
  for (std::int64_t t = 0; t < steps; ++t) {
    for (std::int64_t b = 0; b < samples; ++b, row += width) {
      draw_kept(spec, seeds_, pass, b, t, width, 0, {row, static_cast<std::size_t>(width)});
    }
  }
  std::vector<std::int64_t> shape = values.sizes().vec();
  if (has_steps) shape[0] = steps;
  const Tensor factors =
      kept.view(shape).to(values.device(), values.scalar_type()).mul_(spec.scale());
  return spec.per_step ? Sequence::varying(values * factors) : input.with_values(values * factors);
}

}  // namespace snn
