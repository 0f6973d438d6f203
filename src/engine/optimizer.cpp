#include "engine/optimizer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/adam.h"

namespace snn {

using torch::Tensor;

namespace {

// LibTorch throws if a float tensor is multiplied by a factor beyond the range of float. The
// largest float also destroys the parameters, and training reports that it diverged.
double factor(double value) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return std::clamp(value, -kLargest, kLargest);
}

}  // namespace

Tensor norm_of(const std::vector<Tensor>& gradients) {
  std::vector<Tensor> norms;
  for (const Tensor& gradient : gradients) {
    if (gradient.defined()) norms.push_back(gradient.norm());
  }
  return norms.empty() ? torch::zeros({}) : torch::stack(norms).norm();
}

void limit_norms(const Tensor& weight, double most) {
  const torch::NoGradGuard no_grad;
  const Tensor rows = weight.flatten(1), norms = rows.norm(2, /*dim=*/1, /*keepdim=*/true);
  rows.mul_(torch::where(norms.gt(most), most / norms, torch::ones_like(norms)));
}

Optimizer::Optimizer(const OptimizerOptions& options, NamedParameters parameters)
    : options_(options) {
  for (auto& [name, parameter] : parameters) slots_.push_back({name, parameter, {}, {}});
}

void Optimizer::make_moments() {
  if (!is_adam() && options_.momentum == 0) return;
  for (Slot& slot : slots_) {
    if (slot.first_moment.defined()) continue;
    slot.first_moment = torch::zeros_like(slot.parameter);
    if (is_adam()) slot.second_moment = torch::zeros_like(slot.parameter);
  }
}

void Optimizer::step(const std::vector<Tensor>& gradients, double learning_rate,
                     double gradient_norm) {
  const torch::NoGradGuard no_grad;
  const double clip = options_.clip_grad_norm;
  const bool clips = clip > 0 && gradient_norm > clip;
  const bool decays = options_.weight_decay != 0;
  ++step_count;
  make_moments();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    Tensor gradient = gradients[i];
    if (!gradient.defined()) continue;
    if (clips) gradient = gradient * (clip / gradient_norm);
    if (decays && options_.kind == OptimizerKind::kAdamW) {
      slot.parameter.mul_(factor(1 - learning_rate * options_.weight_decay));
    } else if (decays) {
      gradient = gradient.add(slot.parameter, factor(options_.weight_decay));
    }
    is_adam() ? adam(slot, gradient, learning_rate) : sgd(slot, gradient, learning_rate);
  }
}

void Optimizer::adam(Slot& slot, const Tensor& gradient, double learning_rate) const {
  using adam::kBeta1, adam::kBeta2, adam::kEpsilon;
  const auto step = static_cast<double>(step_count);
  const double correction1 = 1 - std::pow(kBeta1, step);
  const double correction2 = 1 - std::pow(kBeta2, step);
  slot.first_moment.mul_(kBeta1).add_(gradient, 1 - kBeta1);
  slot.second_moment.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  const Tensor denominator = slot.second_moment.sqrt().div_(std::sqrt(correction2)).add_(kEpsilon);
  slot.parameter.addcdiv_(slot.first_moment, denominator, factor(-learning_rate / correction1));
}

void Optimizer::sgd(Slot& slot, const Tensor& gradient, double learning_rate) const {
  if (options_.momentum == 0) {
    slot.parameter.add_(gradient, factor(-learning_rate));
    return;
  }
  slot.first_moment.mul_(options_.momentum).add_(gradient);
  slot.parameter.add_(slot.first_moment, factor(-learning_rate));
}

NamedParameters Optimizer::moments() {
  make_moments();
  NamedParameters named;
  for (const Slot& slot : slots_) {
    if (is_adam()) {
      named.emplace_back("exp_avg." + slot.name, slot.first_moment);
      named.emplace_back("exp_avg_sq." + slot.name, slot.second_moment);
    } else if (options_.momentum != 0) {
      named.emplace_back("momentum_buffer." + slot.name, slot.first_moment);
    }
  }
  return named;
}

}  // namespace snn
