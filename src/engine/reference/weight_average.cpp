#include "engine/reference/weight_average.h"

#include <torch/torch.h>

#include "engine/engine_state.h"

namespace snn {

using torch::Tensor;

WeightAverage::WeightAverage(double ema, const NamedParameters& parameters) : ema_(ema) {
  if (ema == 0) return;
  for (const auto& [name, parameter] : parameters) {
    parameters_.push_back(parameter);
    averages_.emplace_back(name, parameter.detach().clone());
  }
}

void WeightAverage::update(std::int64_t step) {
  const torch::NoGradGuard no_grad;
  const double share = 1 - average_decay(ema_, step);
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    averages_[i].second.lerp_(parameters_[i], share);
  }
}

void WeightAverage::restart() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < averages_.size(); ++i) averages_[i].second.copy_(parameters_[i]);
}

void WeightAverage::swap() {
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    const Tensor average = averages_[i].second.variable_data();
    averages_[i].second.set_data(parameters_[i].variable_data());
    parameters_[i].set_data(average);
  }
}

}  // namespace snn
