#include "engine/gradient_exchange.h"

#include <cmath>
#include <limits>

namespace snn {

bool average_over_ranks(Communicator& communicator, bool has_finite_loss, std::int64_t samples,
                        std::vector<float>& gradients) {
  const auto share = static_cast<float>(samples);
  for (float& gradient : gradients) gradient *= share;
  gradients.push_back(share);
  gradients.push_back(has_finite_loss ? 0.0F : std::numeric_limits<float>::quiet_NaN());
  communicator.sum(gradients);
  const bool is_finite = std::isfinite(gradients.back());
  gradients.pop_back();
  const float total = gradients.back();
  gradients.pop_back();
  for (float& gradient : gradients) gradient /= total;
  return is_finite;
}

double norm_of(const std::vector<float>& gradients) {
  double squares = 0;
  for (const float gradient : gradients) squares += static_cast<double>(gradient) * gradient;
  return std::sqrt(squares);
}

}  // namespace snn
