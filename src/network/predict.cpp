#include <torch/torch.h>

#include <cmath>
#include <limits>

#include "snn/network/loss.h"

namespace snn {
namespace {

using torch::Tensor;

// Sums over time, (T,B,C) -> (B,C). Finite: what is not a number is less than any other, but more
// than what a mask takes out.
Tensor ranked_sums(const Tensor& values) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return values.sum(0).nan_to_num(-kMost, kMost, -kMost);
}

double share_of(const Tensor& predictions, const Tensor& targets) {
  return predictions.eq(targets).to(torch::kDouble).mean().item<double>();
}

}  // namespace

Tensor predict(const Tensor& spikes) { return predict(spikes, spikes, Decision::kCount); }

Tensor predict(const Tensor& spikes, const Tensor& membrane, Decision decision,
               std::int64_t population) {
  TORCH_CHECK(spikes.dim() == 3 && membrane.sizes() == spikes.sizes(),
              "a prediction expects spikes and membrane (T,B,N), found ", spikes.sizes(), " and ",
              membrane.sizes());
  const Tensor own = sum_population(spikes, population);
  if (decision == Decision::kTemporal) return first_spike_times(own).neg().argmax(1);
  const Tensor own_membrane = sum_population(membrane, population);
  if (decision == Decision::kMembrane) return ranked_sums(own_membrane).argmax(1);
  const Tensor counts = ranked_sums(own);
  if (decision == Decision::kCount) return counts.argmax(1);
  const Tensor loses = counts.ne(counts.amax(1, /*keepdim=*/true));
  return ranked_sums(own_membrane).masked_fill(loses, -HUGE_VAL).argmax(1);
}

double accuracy_rate(const Tensor& spikes, const Tensor& targets, std::int64_t population) {
  return share_of(predict(spikes, spikes, Decision::kCount, population), targets);
}

double accuracy_temporal(const Tensor& spikes, const Tensor& targets) {
  return share_of(predict(spikes, spikes, Decision::kTemporal), targets);
}

}  // namespace snn
