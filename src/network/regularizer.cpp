#include "snn/network/regularizer.h"

#include <torch/torch.h>

#include "snn/text/error.h"

namespace snn {
namespace {

using torch::Tensor;

// Without the signs. The derivative at 0 is 1, so that silent neurons have a gradient.
Tensor magnitude(const Tensor& spikes) { return torch::where(spikes < 0, -spikes, spikes); }

// The penalty of one layer, without its weight.
Tensor penalty(const RegularizerTerm& term, const Tensor& spikes) {
  switch (term.kind) {
    case RegularizerKind::kRate:
      return magnitude(spikes).mean();
    case RegularizerKind::kRateBand: {
      const Tensor rates = magnitude(spikes).flatten(0, 1).mean(0);
      const auto [low, high] = term.parameters;
      return ((low - rates).clamp_min(0).square() + (rates - high).clamp_min(0).square()).mean();
    }
    case RegularizerKind::kSpikes:
      return magnitude(spikes).sum() / spikes.size(1);
  }
  TORCH_CHECK(false, "unknown regulariser");
}

}  // namespace

Tensor compute_regularizer(const Regularizer& regularizer,
                           const std::vector<Tensor>& layer_spikes) {
  if (layer_spikes.empty() || regularizer.terms.empty()) {
    throw Error(ExitCode::kUsage, "a regulariser expects at least one term and one layer");
  }
  Tensor total = torch::zeros({}, layer_spikes[0].options());
  for (const RegularizerTerm& term : regularizer.terms) {
    for (const Tensor& spikes : layer_spikes) total = total + term.weight * penalty(term, spikes);
  }
  return total;
}

}  // namespace snn
