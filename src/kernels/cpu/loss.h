#pragma once

// The losses of one sample; snn/network/loss.h has their formulas.

#include <cmath>

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// Softmax and cross-entropy of one row of logits. Writes (softmax - target) * scale, zero in the
// padding, to `gradient` if it is not null; the target is the label's one-hot, smoothed. The loss
// is offset + log factor, so that a logarithm is taken only once for many rows.
struct Softmax {
  float smoothing = 0;  // of the labels
  double factor = 1;    // product of the sums
  double offset = 0;

  // The limit of `factor`: a sum is between 1 and the number of classes, which is far smaller.
  static constexpr double kLargest = 1e200;

  void add(const LossImage& image, const float* logits, float* gradient, float scale) {
    // Padding lies after the classes, so that the first vector has none unless it is the last one.
    Floats most = load(logits);
    if (kWidth > image.classes) most = first_lanes(most, image.classes) + beyond(image.classes);
    for (std::int64_t c = kWidth; c < image.classes; c += kWidth) {
      Floats more = load(logits + c);
      if (c + kWidth > image.classes) {
        more = first_lanes(more, image.classes - c) + beyond(image.classes - c);
      }
      most = most > more ? most : more;
    }
    const float shift = largest(most);
    Floats total{};
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      Floats share = exponential(load(logits + c) - shift);
      if (c + kWidth > image.classes) share = first_lanes(share, image.classes - c);
      total += share;
      if (gradient != nullptr) store(gradient + c, share);
    }
    const float whole = sum(total);
    factor *= static_cast<double>(whole);
    offset += static_cast<double>(shift) - target_of(image, logits);
    if (!(factor < kLargest)) take_logarithm();
    if (gradient == nullptr) return;
    const Floats share = splat(scale / whole);
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      store(gradient + c, load(gradient + c) * share);
    }
    subtract_target(image, gradient, scale);
  }

  double loss() {
    take_logarithm();
    return offset;
  }

 private:
  // Very low values in the lanes from `count` on, so that padding is never the maximum.
  static Floats beyond(std::int64_t count) {
    constexpr float kLeast = -3e38F;
    return splat(kLeast) - first_lanes(splat(kLeast), count);
  }

  // The sum of target * logit.
  double target_of(const LossImage& image, const float* logits) const {
    const auto own = static_cast<double>(logits[image.label]);
    if (smoothing == 0) return own;
    double total = 0;
    for (std::int64_t c = 0; c < image.classes; ++c) total += static_cast<double>(logits[c]);
    const auto spread = static_cast<double>(smoothing);
    return (1 - spread) * own + spread * total / static_cast<double>(image.classes);
  }

  void subtract_target(const LossImage& image, float* gradient, float scale) const {
    gradient[image.label] -= scale * (1 - smoothing);
    if (smoothing == 0) return;
    const float spread = scale * smoothing / static_cast<float>(image.classes);
    for (std::int64_t c = 0; c < image.classes; ++c) gradient[c] -= spread;
  }

  void take_logarithm() {
    offset += std::log(factor);
    factor = 1;
  }
};

inline void clear(float* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += kWidth) store(values + i, Floats{});
}

// Sums over time of (T,padded).
inline void sum_over_time(const LossImage& image, const float* values, float* sums) {
  clear(sums, image.padded);
  for (std::int64_t t = 0; t < image.steps; ++t) {
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      store(sums + c, load(sums + c) + load(values + t * image.padded + c));
    }
  }
}

// Copies the gradient of the first step to all steps.
inline void repeat_over_time(const LossImage& image) {
  for (std::int64_t t = 1; t < image.steps; ++t) {
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      store(image.gradient + t * image.padded + c, load(image.gradient + c));
    }
  }
}

// Cross-entropy of the logits of every step.
inline double cross_entropy_of_steps(const LossImage& image, Softmax softmax, const float* logits,
                                     float weight) {
  for (std::int64_t t = 0; t < image.steps; ++t) {
    float* gradient = image.gradient == nullptr ? nullptr : image.gradient + t * image.padded;
    softmax.add(image, logits + t * image.padded, gradient, image.scale * weight);
  }
  return softmax.loss() * static_cast<double>(weight);
}

// Cross-entropy of sums over time.
inline double cross_entropy_of_sums(const LossImage& image, Softmax softmax, const float* values) {
  sum_over_time(image, values, image.scratch);
  softmax.add(image, image.scratch, image.gradient, image.scale);
  if (image.gradient != nullptr) repeat_over_time(image);
  return softmax.loss();
}

// The gradient belongs to the first of the steps with a class's largest membrane.
inline double cross_entropy_of_largest(const LossImage& image, Softmax softmax) {
  float* largest = image.scratch;
  const auto step_of = [&](std::int64_t c) {
    std::int64_t best = 0;
    for (std::int64_t t = 1; t < image.steps; ++t) {
      if (image.membrane[t * image.padded + c] > image.membrane[best * image.padded + c]) best = t;
    }
    return best;
  };
  clear(largest, 2 * image.padded);
  float* of_largest = largest + image.padded;
  for (std::int64_t c = 0; c < image.classes; ++c) {
    largest[c] = image.membrane[step_of(c) * image.padded + c];
  }
  softmax.add(image, largest, image.gradient == nullptr ? nullptr : of_largest, image.scale);
  if (image.gradient != nullptr) {
    clear(image.gradient, image.steps * image.padded);
    for (std::int64_t c = 0; c < image.classes; ++c) {
      image.gradient[step_of(c) * image.padded + c] = of_largest[c];
    }
  }
  return softmax.loss();
}

// The logarithm of a row's softmax's denominator.
inline float log_sum(const LossImage& image, const float* logits) {
  float most = logits[0];
  for (std::int64_t c = 1; c < image.classes; ++c) most = logits[c] > most ? logits[c] : most;
  Floats total{};
  for (std::int64_t c = 0; c < image.padded; c += kWidth) {
    const Floats share = exponential(load(logits + c) - most);
    total += first_lanes(share, image.classes - c);
  }
  return most + std::log(sum(total));
}

// -log of the softmax's mean over time. With p the softmax of a step and w = p / (its sum over
// time), all by their logarithms, so that nothing vanishes: dL/dU = p sum(target w) - target w.
inline double cross_entropy_of_mean_softmax(const LossImage& image, float smoothing) {
  float *most = image.scratch, *total = image.scratch + image.padded;
  for (std::int64_t c = 0; c < image.padded; c += kWidth) {
    store(most + c, splat(-3e38F));
    store(total + c, Floats{});
  }
  for (std::int64_t t = 0; t < image.steps; ++t) {
    const float* logits = image.membrane + t * image.padded;
    const float shift = log_sum(image, logits);
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      const Floats share = load(logits + c) - shift, before = load(most + c);
      const Floats larger = share < before ? before : share;
      store(total + c,
            load(total + c) * exponential(before - larger) + exponential(share - larger));
      store(most + c, larger);
    }
  }
  const float spread = smoothing / static_cast<float>(image.classes);
  double loss = 0;
  for (std::int64_t c = 0; c < image.classes; ++c) {
    const float target = spread + (c == image.label ? 1 - smoothing : 0.0F);
    if (target == 0) continue;
    loss -= static_cast<double>(target) *
            (static_cast<double>(most[c]) + std::log(static_cast<double>(total[c])) -
             std::log(static_cast<double>(image.steps)));
  }
  if (image.gradient == nullptr) return loss;
  for (std::int64_t t = 0; t < image.steps; ++t) {
    const float* logits = image.membrane + t * image.padded;
    float* gradient = image.gradient + t * image.padded;
    const float shift = log_sum(image, logits);
    Floats of_target{};
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      const Floats weight =
          exponential(load(logits + c) - shift - load(most + c)) / load(total + c);
      store(gradient + c, first_lanes(weight * spread, image.classes - c));
      if (image.label >= c && image.label < c + kWidth) {
        gradient[image.label] += weight[image.label - c] * (1 - smoothing);
      }
      of_target += load(gradient + c);
    }
    const float whole = sum(of_target);
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      const Floats share = first_lanes(exponential(load(logits + c) - shift), image.classes - c);
      store(gradient + c, image.scale * (share * whole - load(gradient + c)));
    }
  }
  return loss;
}

// The step of each class's first spike, (padded).
inline void find_first_spikes(const LossImage& image, float* times) {
  const auto last = static_cast<float>(image.steps - 1);
  for (std::int64_t c = 0; c < image.padded; c += kWidth) store(times + c, splat(last));
  for (std::int64_t t = image.steps - 1; t-- > 0;) {
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      const Ints spikes = load(image.spikes + t * image.padded + c) != 0.0F;
      store(times + c, select(spikes, splat(static_cast<float>(t)), load(times + c)));
    }
  }
}

// Gives the steps of the first spikes the gradient of the times, negated: reads_first_spikes().
inline void pass_to_first_spikes(const LossImage& image, const float* times,
                                 const float* of_times) {
  clear(image.gradient, image.steps * image.padded);
  for (std::int64_t c = 0; c < image.classes; ++c) {
    image.gradient[static_cast<std::int64_t>(times[c]) * image.padded + c] = -of_times[c];
  }
}

inline double cross_entropy_of_times(const LossImage& image, Softmax softmax, bool is_reciprocal) {
  float *times = image.scratch, *logits = image.scratch + image.padded;
  find_first_spikes(image, times);
  for (std::int64_t c = 0; c < image.padded; c += kWidth) {
    const Floats time = load(times + c);
    store(logits + c, is_reciprocal ? 1.0F / (time + 1.0F) : -time);
  }
  softmax.add(image, logits, image.gradient, image.scale);
  if (image.gradient == nullptr) return softmax.loss();
  for (std::int64_t c = 0; c < image.padded; c += kWidth) {
    const Floats of_logit = load(image.gradient + c), after = load(times + c) + 1.0F;
    store(logits + c, is_reciprocal ? -of_logit / (after * after) : -of_logit);
  }
  pass_to_first_spikes(image, times, logits);
  return softmax.loss();
}

// The sum of (value - target)^2 of one row. Writes the gradient of share times it to `gradient`,
// padded with zeros, if it is not null.
inline double squares(const LossImage& image, const float* values, float of_label, float of_others,
                      double share, float* gradient) {
  double total = 0;
  if (gradient != nullptr) clear(gradient, image.padded);
  for (std::int64_t c = 0; c < image.classes; ++c) {
    const float error = values[c] - (c == image.label ? of_label : of_others);
    total += static_cast<double>(error) * static_cast<double>(error);
    if (gradient != nullptr) gradient[c] = 2 * error * static_cast<float>(share) * image.scale;
  }
  return total;
}

// The share of one of the squares of all classes, and all steps, in their mean.
inline double share_of_class(const LossImage& image) {
  return 1 / static_cast<double>(image.classes);
}
inline double share_of_value(const LossImage& image) {
  return 1 / (static_cast<double>(image.steps) * static_cast<double>(image.classes));
}

inline double square_error_of_counts(const LossTerm& term, const LossImage& image) {
  const auto steps = static_cast<double>(image.steps);
  const auto size = static_cast<double>(image.population);
  const auto wanted = static_cast<float>(std::floor(steps * term.parameters[0] * size));
  const auto unwanted = static_cast<float>(std::floor(steps * term.parameters[1] * size));
  const double share = share_of_value(image);
  sum_over_time(image, image.spikes, image.scratch);
  const double total = squares(image, image.scratch, wanted, unwanted, share, image.gradient);
  if (image.gradient != nullptr) repeat_over_time(image);
  return total * share;
}

// Of the counts: (count / T - rate)^2 = ((count - T rate) / T)^2.
inline double square_error_of_rates(const LossTerm& term, const LossImage& image) {
  const double steps = static_cast<double>(image.steps);
  const auto wanted = static_cast<float>(steps * term.parameters[0]);
  const auto unwanted = static_cast<float>(steps * term.parameters[1]);
  const double share = share_of_value(image) / steps;
  sum_over_time(image, image.spikes, image.scratch);
  const double total = squares(image, image.scratch, wanted, unwanted, share, image.gradient);
  if (image.gradient != nullptr) repeat_over_time(image);
  return total * share;
}

inline double square_error_of_membrane(const LossTerm& term, const LossImage& image) {
  const auto on = static_cast<float>(term.parameters[0]);
  const auto off = static_cast<float>(term.parameters[1]);
  const double share = share_of_value(image);
  double total = 0;
  for (std::int64_t t = 0; t < image.steps; ++t) {
    float* gradient = image.gradient == nullptr ? nullptr : image.gradient + t * image.padded;
    total += squares(image, image.membrane + t * image.padded, on, off, share, gradient);
  }
  return total * share;
}

inline double square_error_of_times(const LossTerm& term, const LossImage& image) {
  const auto [on, off, tolerance] = term.parameters;
  const double steps = static_cast<double>(image.steps);
  // A negative time counts from the last step.
  const auto wanted = static_cast<float>(on < 0 ? steps + on : on);
  const auto unwanted = static_cast<float>(off < 0 ? steps + off : off);
  const double share = share_of_class(image) / (steps * steps);
  float *times = image.scratch, *errors = image.scratch + image.padded;
  find_first_spikes(image, times);
  for (std::int64_t c = 0; c < image.padded; ++c) {
    errors[c] = times[c] - (c == image.label ? wanted : unwanted);
    if (std::abs(errors[c]) < static_cast<float>(tolerance)) errors[c] = 0;
  }
  // Reuses the memory of the errors.
  float* of_times = image.gradient == nullptr ? nullptr : errors;
  double total = 0;
  for (std::int64_t c = 0; c < image.classes; ++c) {
    total += static_cast<double>(errors[c]) * static_cast<double>(errors[c]);
    if (of_times != nullptr) of_times[c] *= 2 * static_cast<float>(share) * image.scale;
  }
  if (of_times != nullptr) pass_to_first_spikes(image, times, of_times);
  return total * share;
}

double loss(const LossTerm& term, const LossImage& image) {
  Softmax softmax;
  softmax.smoothing = static_cast<float>(term.smoothing);
  switch (term.kind) {
    case LossKind::kCeMembrane:
      return cross_entropy_of_steps(image, softmax, image.membrane, 1.0F);
    case LossKind::kCeRate:
      return cross_entropy_of_steps(image, softmax, image.spikes,
                                    1.0F / static_cast<float>(image.steps));
    case LossKind::kCeCount:
      return cross_entropy_of_sums(image, softmax, image.spikes);
    case LossKind::kCeSumMembrane:
      return cross_entropy_of_sums(image, softmax, image.membrane);
    case LossKind::kCeMaxMembrane:
      return cross_entropy_of_largest(image, softmax);
    case LossKind::kCeMeanSoftmax:
      return cross_entropy_of_mean_softmax(image, softmax.smoothing);
    case LossKind::kCeTemporal:
      return cross_entropy_of_times(image, softmax, term.parameters[0] != 0);
    case LossKind::kMseCount:
      return square_error_of_counts(term, image);
    case LossKind::kMseRate:
      return square_error_of_rates(term, image);
    case LossKind::kMseMembrane:
      return square_error_of_membrane(term, image);
    case LossKind::kMseTemporal:
      return square_error_of_times(term, image);
  }
  return 0;
}

}  // namespace
}  // namespace snn::kernels
