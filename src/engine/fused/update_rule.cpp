#include "engine/fused/update_rule.h"

#include <cmath>

#include "kernels/adam.h"

namespace snn::fused {

using kernels::UpdateFormula;
using kernels::UpdateRule;

UpdateRule update_rule(const OptimizerOptions& optimizer, std::int64_t step, double learning_rate) {
  UpdateRule rule;
  rule.rate = static_cast<float>(learning_rate);
  if (optimizer.kind == OptimizerKind::kSgd) {
    rule.formula = optimizer.momentum == 0 ? UpdateFormula::kSgd : UpdateFormula::kMomentum;
    rule.momentum = static_cast<float>(optimizer.momentum);
  } else {
    const auto power = static_cast<double>(step);
    rule.rate = static_cast<float>(learning_rate / (1 - std::pow(adam::kBeta1, power)));
    rule.second_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(adam::kBeta2, power)));
  }
  if (optimizer.kind == OptimizerKind::kAdamW) {
    rule.shrink = static_cast<float>(1 - learning_rate * optimizer.weight_decay);
  } else {
    rule.weight_decay = static_cast<float>(optimizer.weight_decay);
  }
  return rule;
}

}  // namespace snn::fused
