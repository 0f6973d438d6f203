#include "snn/network/loss.h"

#include <torch/torch.h>

#include <cmath>
#include <limits>

namespace snn {
namespace {

namespace F = torch::nn::functional;
using torch::Tensor;

// Mean over time and batch of the cross-entropy of each step: (T,B,C) -> 0-dim.
Tensor cross_entropy_of_steps(const Tensor& logits, const Tensor& targets) {
  return F::cross_entropy(logits.flatten(0, 1), targets.repeat(logits.size(0)));
}

// (B,C): `of_target` for the class of each sample, `of_others` elsewhere.
Tensor class_values(const Tensor& like, const Tensor& targets, double of_target, double of_others) {
  return torch::full_like(like, of_others).scatter_(1, targets.unsqueeze(1), of_target);
}

// Sums over time, (T,B,C) -> (B,C), made finite: NaN ranks below every other sum, but above the
// value that a mask assigns.
Tensor ranked_sums(const Tensor& values) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return values.sum(0).nan_to_num(-kMost, kMost, -kMost);
}

}  // namespace

Tensor compute_loss(const Loss& loss, const Tensor& spikes, const Tensor& membrane,
                    const Tensor& targets) {
  TORCH_CHECK(spikes.dim() == 3 && membrane.sizes() == spikes.sizes() && targets.dim() == 1 &&
                  targets.size(0) == spikes.size(1),
              "a loss expects spikes and membrane (T,B,C) and targets (B), found ", spikes.sizes(),
              ", ", membrane.sizes(), " and ", targets.sizes());
  const auto steps = static_cast<double>(spikes.size(0));
  const auto [first, second] = loss.parameters;
  switch (loss.kind) {
    case LossKind::kCeMembrane:
      return cross_entropy_of_steps(membrane, targets) * steps;
    case LossKind::kCeRate:
      return cross_entropy_of_steps(spikes, targets);
    case LossKind::kCeCount:
      return F::cross_entropy(spikes.sum(0), targets);
    case LossKind::kCeMaxMembrane:
      return F::cross_entropy(std::get<0>(membrane.max(0)), targets);
    case LossKind::kMseCount: {
      const Tensor counts = spikes.sum(0);
      const Tensor wanted =
          class_values(counts, targets, std::floor(steps * first), std::floor(steps * second));
      return F::mse_loss(counts, wanted) / steps;
    }
    case LossKind::kMseMembrane:
      return F::mse_loss(membrane,
                         class_values(membrane[0], targets, first, second).expand_as(membrane));
  }
  TORCH_CHECK(false, "unknown loss");
}

Tensor predict(const Tensor& spikes) { return predict(spikes, spikes, Decision::kCount); }

Tensor predict(const Tensor& spikes, const Tensor& membrane, Decision decision) {
  TORCH_CHECK(spikes.dim() == 3 && membrane.sizes() == spikes.sizes(),
              "a prediction expects spikes and membrane (T,B,C), found ", spikes.sizes(), " and ",
              membrane.sizes());
  if (decision == Decision::kMembrane) return ranked_sums(membrane).argmax(1);
  const Tensor counts = ranked_sums(spikes);
  if (decision == Decision::kCount) return counts.argmax(1);
  const Tensor loses = counts.ne(counts.amax(1, /*keepdim=*/true));
  return ranked_sums(membrane).masked_fill(loses, -HUGE_VAL).argmax(1);
}

double accuracy_rate(const Tensor& spikes, const Tensor& targets) {
  return predict(spikes).eq(targets).to(torch::kDouble).mean().item<double>();
}

}  // namespace snn
