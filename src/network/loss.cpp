#include "snn/network/loss.h"

#include <torch/torch.h>

#include <cmath>

#include "snn/network/spike_times.h"

namespace snn {
namespace {

namespace F = torch::nn::functional;
using torch::Tensor;

// The labels of a batch, and the weight of each sample; no weights: undefined.
struct Targets {
  Tensor labels;   // (B) int64
  Tensor weights;  // (B)
};

// The mean over rows of the cross-entropy of logits (R,C), in which the labels repeat.
Tensor cross_entropy(const Tensor& logits, const Targets& targets, double smoothing) {
  const std::int64_t repeats = logits.size(0) / targets.labels.size(0);
  auto options = F::CrossEntropyFuncOptions().label_smoothing(smoothing);
  const Tensor labels = targets.labels.repeat(repeats);
  if (!targets.weights.defined()) return F::cross_entropy(logits, labels, options);
  const Tensor rows = F::cross_entropy(logits, labels, options.reduction(torch::kNone));
  return (rows * targets.weights.repeat(repeats)).mean();
}

// Mean over time and batch of the cross-entropy of each step: (T,B,C) -> 0-dim.
Tensor cross_entropy_of_steps(const Tensor& logits, const Targets& targets, double smoothing) {
  return cross_entropy(logits.flatten(0, 1), targets, smoothing);
}

// The mean square of values - wanted, (B,C) or (T,B,C).
Tensor mean_square(const Tensor& values, const Tensor& wanted, const Targets& targets) {
  if (!targets.weights.defined()) return F::mse_loss(values, wanted);
  return ((values - wanted).square() * targets.weights.unsqueeze(1)).mean();
}

// (B,C): `of_target` for each sample's class, `of_others` elsewhere.
Tensor class_values(const Tensor& like, const Targets& targets, double of_target,
                    double of_others) {
  return torch::full_like(like, of_others).scatter_(1, targets.labels.unsqueeze(1), of_target);
}

// A time that is negative is counted from the end.
double from_start(double time, double steps) { return time < 0 ? steps + time : time; }

Tensor mse_temporal(const LossTerm& term, const Tensor& times, double steps,
                    const Targets& targets) {
  const auto [on, off, tolerance] = term.parameters;
  const Tensor errors =
      times - class_values(times, targets, from_start(on, steps), from_start(off, steps));
  const Tensor shares = errors.masked_fill(errors.abs() < tolerance, 0) / steps;
  return mean_square(shares, torch::zeros_like(shares), targets);
}

// The loss of one term. `values` (T,B,C) is what it looks at.
Tensor loss_of(const LossTerm& term, const Tensor& values, const Targets& targets,
               std::int64_t population) {
  const auto steps = static_cast<double>(values.size(0));
  const auto [first, second, third] = term.parameters;
  const double smoothing = term.smoothing;
  switch (term.kind) {
    case LossKind::kCeMembrane:
      return cross_entropy_of_steps(values, targets, smoothing) * steps;
    case LossKind::kCeRate:
      return cross_entropy_of_steps(values, targets, smoothing);
    case LossKind::kCeCount:
    case LossKind::kCeSumMembrane:
      return cross_entropy(values.sum(0), targets, smoothing);
    case LossKind::kCeMaxMembrane:
      return cross_entropy(std::get<0>(values.max(0)), targets, smoothing);
    case LossKind::kCeMeanSoftmax:
      // The shares sum to 1, so that log_softmax() of their logarithms leaves them as they are.
      return cross_entropy(values.log_softmax(2).logsumexp(0) - std::log(steps), targets,
                           smoothing);
    case LossKind::kCeTemporal: {
      const Tensor times = first_spike_times(values);
      return cross_entropy(first == 0 ? times.neg() : (times + 1).reciprocal(), targets, smoothing);
    }
    case LossKind::kMseCount: {
      const auto size = static_cast<double>(population);
      const Tensor counts = values.sum(0);
      const Tensor wanted = class_values(counts, targets, std::floor(steps * first * size),
                                         std::floor(steps * second * size));
      return mean_square(counts, wanted, targets) / steps;
    }
    case LossKind::kMseRate: {
      const Tensor rates = values.mean(0);
      return mean_square(rates, class_values(rates, targets, first, second), targets);
    }
    case LossKind::kMseMembrane:
      return mean_square(values, class_values(values[0], targets, first, second).expand_as(values),
                         targets);
    case LossKind::kMseTemporal:
      return mse_temporal(term, first_spike_times(values), steps, targets);
  }
  TORCH_CHECK(false, "unknown loss");
}

}  // namespace

Tensor first_spike_times(const Tensor& spikes) { return spike_times(spikes, 1)[0]; }

Tensor sum_population(const Tensor& values, std::int64_t population) {
  if (population == 1) return values;
  return values.unflatten(-1, {values.size(-1) / population, population}).sum(-1);
}

Tensor compute_loss(const Loss& loss, const Tensor& spikes, const Tensor& membrane,
                    const Tensor& targets, const Classes& classes) {
  TORCH_CHECK(spikes.dim() == 3 && membrane.sizes() == spikes.sizes() && targets.dim() == 1 &&
                  targets.size(0) == spikes.size(1),
              "a loss expects spikes and membrane (T,B,N) and targets (B), found ", spikes.sizes(),
              ", ", membrane.sizes(), " and ", targets.sizes());
  TORCH_CHECK(!loss.terms.empty(), "a loss expects at least one term");
  class_count(classes, spikes.size(2));
  Targets own{targets, {}};
  if (!classes.weights.empty()) {
    own.weights = torch::tensor(classes.weights, spikes.options().requires_grad(false))
                      .index_select(0, targets);
  }
  Tensor total;
  for (const LossTerm& term : loss.terms) {
    const Tensor sums =
        sum_population(reads_membrane(term.kind) ? membrane : spikes, classes.population);
    const bool is_mean = !adds_population(term.kind) && classes.population > 1;
    Tensor value = loss_of(term, is_mean ? sums / static_cast<double>(classes.population) : sums,
                           own, classes.population);
    if (term.weight != 1) value = value * term.weight;
    total = total.defined() ? total + value : value;
  }
  return total;
}

}  // namespace snn
