#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "snn/engine.h"

namespace snn {

using NamedParameters = std::vector<std::pair<std::string, torch::Tensor>>;

/// Adam, AdamW and SGD with PyTorch's formulas (torch.optim; betas 0.9 and 0.999, eps 1e-8). Moments
/// are kept by parameter name: LibTorch's optimisers key theirs by address, differently in each
/// version, which no file can be made of.
class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, NamedParameters parameters);

  /// The norm of all gradients together: a 0-dim tensor on the parameters' device.
  torch::Tensor gradient_norm() const;

  /// Changes every parameter by its gradient, scaled by clip_grad_norm / gradient_norm if that is
  /// below 1. Parameters without a gradient stay.
  void step(double learning_rate, double gradient_norm);

  void zero_grad();

  /// "MOMENT.PARAMETER" -> the moment itself, not a copy.
  NamedParameters moments() const;

  /// Steps taken so far.
  std::int64_t step_count = 0;

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    torch::Tensor first_moment;   // adam: exp_avg; sgd with momentum: momentum_buffer
    torch::Tensor second_moment;  // adam: exp_avg_sq
  };

  void adam(Slot& slot, const torch::Tensor& gradient, double learning_rate) const;
  void sgd(Slot& slot, const torch::Tensor& gradient, double learning_rate) const;
  bool is_adam() const { return options_.kind != OptimizerKind::kSgd; }

  OptimizerOptions options_;
  std::vector<Slot> slots_;
};

}  // namespace snn
