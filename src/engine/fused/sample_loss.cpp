#include "engine/fused/sample_loss.h"

#include <algorithm>
#include <iterator>

#include "numeric/buffer.h"

namespace snn::fused {
namespace {

// The scratch of a loss: on the stack, unless there are many classes.
class Scratch {
 public:
  explicit Scratch(std::int64_t padded) {
    if (2 * padded > std::ssize(small_))
      large_ = Buffer<float>(static_cast<std::size_t>(2 * padded));
  }
  float* data() { return large_.size() > 0 ? large_.data() : small_; }

 private:
  Buffer<float> large_;
  alignas(64) float small_[256];
};

}  // namespace

SampleLoss::SampleLoss(const Loss& loss, const Classes& classes, std::int64_t outputs,
                       std::int64_t padded, const kernels::Kernels& kernels)
    : loss_(loss),
      classes_(classes),
      outputs_(outputs),
      padded_(padded),
      class_count_(class_count(classes, outputs)),
      kernels_(kernels) {
  for (const LossTerm& term : loss.terms) {
    (snn::reads_membrane(term.kind) ? reads_membrane_ : reads_spikes_) = true;
  }
}

double SampleLoss::operator()(const SampleOutputs& outputs, std::int64_t steps,
                              std::int64_t samples) const {
  const auto label = static_cast<std::size_t>(outputs.label);
  const double weight = classes_.weights.empty() ? 1.0 : classes_.weights[label];
  const float scale = static_cast<float>(weight) / static_cast<float>(samples);
  const bool is_alone = loss_.terms.size() == 1 && classes_.population == 1;
  return weight * (is_alone ? term_alone(loss_.terms[0], outputs, steps, scale)
                            : sum_of_terms(outputs, steps, scale));
}

// The kernel reads the outputs and writes the gradient where they are.
double SampleLoss::term_alone(const LossTerm& term, const SampleOutputs& outputs,
                              std::int64_t steps, float scale) const {
  Scratch scratch(padded_);
  kernels::LossImage image{};
  image.steps = steps;
  image.classes = class_count_;
  image.padded = padded_;
  image.spikes = outputs.spikes;
  image.membrane = outputs.membrane;
  image.label = outputs.label;
  image.scale = scale * static_cast<float>(term.weight);
  image.gradient =
      snn::reads_membrane(term.kind) ? outputs.membrane_gradient : outputs.spikes_gradient;
  image.scratch = scratch.data();
  return term.weight * kernels_.loss(term, image);
}

// Each term reads the sums or means of each class's outputs, and its gradient is added to theirs.
double SampleLoss::sum_of_terms(const SampleOutputs& outputs, std::int64_t steps,
                                float scale) const {
  const std::int64_t population = classes_.population, padded = kernels::padded(class_count_);
  const auto size = static_cast<std::size_t>(steps * padded);
  Buffer<float> values(size), gradient(size);
  Scratch scratch(padded);
  for (float* to : {outputs.spikes_gradient, outputs.membrane_gradient}) {
    if (to != nullptr) std::fill_n(to, steps * padded_, 0.0F);
  }
  kernels::LossImage image{};
  image.steps = steps;
  image.classes = class_count_;
  image.padded = padded;
  image.spikes = image.membrane = values.data();  // a term reads only one of them
  image.label = outputs.label;
  image.scratch = scratch.data();
  image.population = population;
  double total = 0;
  for (const LossTerm& term : loss_.terms) {
    const bool is_of_membrane = snn::reads_membrane(term.kind);
    const float* from = is_of_membrane ? outputs.membrane : outputs.spikes;
    float* to = is_of_membrane ? outputs.membrane_gradient : outputs.spikes_gradient;
    const float share = adds_population(term.kind) ? 1.0F : 1.0F / static_cast<float>(population);
    std::fill_n(values.data(), size, 0.0F);
    const auto for_all = [&](const auto& work) {
      for (std::int64_t t = 0; t < steps; ++t) {
        for (std::int64_t n = 0; n < outputs_; ++n)
          work(t * padded_ + n, t * padded + n / population);
      }
    };
    for_all(
        [&](std::int64_t output, std::int64_t own) { values.data()[own] += from[output] * share; });
    image.scale = scale * static_cast<float>(term.weight);
    image.gradient = to == nullptr ? nullptr : gradient.data();
    total += term.weight * kernels_.loss(term, image);
    if (to == nullptr) continue;
    for_all(
        [&](std::int64_t output, std::int64_t own) { to[output] += gradient.data()[own] * share; });
  }
  return total;
}

}  // namespace snn::fused
