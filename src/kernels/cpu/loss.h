#pragma once

// The losses of one sample; snn/network/loss.h has their formulas.

#include <cmath>

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// Softmax and cross-entropy of one row of logits. Writes (softmax - one-hot) * scale, zero in the
// padding, to `gradient` if it is not null. `factor` and `offset` make the loss: offset - log
// factor, so that a logarithm is taken only once for many rows.
struct Softmax {
  double factor = 1;  // product of the sums
  double offset = 0;

  // A sum is at least 1 and at most the number of classes: far below this.
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
    offset += static_cast<double>(shift) - static_cast<double>(logits[image.label]);
    if (!(factor < kLargest)) take_logarithm();
    if (gradient == nullptr) return;
    const Floats share = splat(scale / whole);
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      store(gradient + c, load(gradient + c) * share);
    }
    gradient[image.label] -= scale;
  }

  double loss() {
    take_logarithm();
    return offset;
  }

 private:
  // What keeps lanes from `count` on from being the largest.
  static Floats beyond(std::int64_t count) {
    constexpr float kLeast = -3e38F;
    return splat(kLeast) - first_lanes(splat(kLeast), count);
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

// Gives every step the gradient that stands in the first.
inline void repeat_over_time(const LossImage& image) {
  for (std::int64_t t = 1; t < image.steps; ++t) {
    for (std::int64_t c = 0; c < image.padded; c += kWidth) {
      store(image.gradient + t * image.padded + c, load(image.gradient + c));
    }
  }
}

// Cross-entropy of the logits of every step.
inline double cross_entropy_of_steps(const LossImage& image, const float* logits, float weight) {
  Softmax softmax;
  for (std::int64_t t = 0; t < image.steps; ++t) {
    float* gradient = image.gradient == nullptr ? nullptr : image.gradient + t * image.padded;
    softmax.add(image, logits + t * image.padded, gradient, image.scale * weight);
  }
  return softmax.loss() * static_cast<double>(weight);
}

inline double cross_entropy_of_counts(const LossImage& image, float* counts) {
  sum_over_time(image, image.spikes, counts);
  Softmax softmax;
  softmax.add(image, counts, image.gradient, image.scale);
  if (image.gradient != nullptr) repeat_over_time(image);
  return softmax.loss();
}

// The gradient goes to the first of the steps in which a class is largest.
inline double cross_entropy_of_largest(const LossImage& image, float* largest) {
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
  Softmax softmax;
  softmax.add(image, largest, image.gradient == nullptr ? nullptr : of_largest, image.scale);
  if (image.gradient != nullptr) {
    clear(image.gradient, image.steps * image.padded);
    for (std::int64_t c = 0; c < image.classes; ++c) {
      image.gradient[step_of(c) * image.padded + c] = of_largest[c];
    }
  }
  return softmax.loss();
}

inline double square_error_of_counts(const Loss& loss, const LossImage& image, float* counts) {
  sum_over_time(image, image.spikes, counts);
  const double steps = static_cast<double>(image.steps);
  const auto wanted = static_cast<float>(std::floor(steps * loss.parameters[0]));
  const auto unwanted = static_cast<float>(std::floor(steps * loss.parameters[1]));
  const double share = 1 / (steps * static_cast<double>(image.classes));
  double total = 0;
  if (image.gradient != nullptr) clear(image.gradient, image.padded);
  for (std::int64_t c = 0; c < image.classes; ++c) {
    const float error = counts[c] - (c == image.label ? wanted : unwanted);
    total += static_cast<double>(error) * static_cast<double>(error);
    if (image.gradient != nullptr) {
      image.gradient[c] = 2 * error * static_cast<float>(share) * image.scale;
    }
  }
  if (image.gradient != nullptr) repeat_over_time(image);
  return total * share;
}

inline double square_error_of_membrane(const Loss& loss, const LossImage& image) {
  const auto on = static_cast<float>(loss.parameters[0]);
  const auto off = static_cast<float>(loss.parameters[1]);
  const double share = 1 / (static_cast<double>(image.steps) * static_cast<double>(image.classes));
  double total = 0;
  for (std::int64_t t = 0; t < image.steps; ++t) {
    const float* membrane = image.membrane + t * image.padded;
    float* gradient = image.gradient == nullptr ? nullptr : image.gradient + t * image.padded;
    if (gradient != nullptr) clear(gradient, image.padded);
    for (std::int64_t c = 0; c < image.classes; ++c) {
      const float error = membrane[c] - (c == image.label ? on : off);
      total += static_cast<double>(error) * static_cast<double>(error);
      if (gradient != nullptr) gradient[c] = 2 * error * static_cast<float>(share) * image.scale;
    }
  }
  return total * share;
}

double loss(const Loss& loss, const LossImage& image) {
  switch (loss.kind) {
    case LossKind::kCeMembrane:
      return cross_entropy_of_steps(image, image.membrane, 1.0F);
    case LossKind::kCeRate:
      return cross_entropy_of_steps(image, image.spikes, 1.0F / static_cast<float>(image.steps));
    case LossKind::kCeCount:
      return cross_entropy_of_counts(image, image.scratch);
    case LossKind::kCeMaxMembrane:
      return cross_entropy_of_largest(image, image.scratch);
    case LossKind::kMseCount:
      return square_error_of_counts(loss, image, image.scratch);
    case LossKind::kMseMembrane:
      return square_error_of_membrane(loss, image);
  }
  return 0;
}

}  // namespace
}  // namespace snn::kernels
