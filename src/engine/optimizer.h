#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "snn/engine/engine_options.h"

namespace snn {

using NamedParameters = std::vector<std::pair<std::string, torch::Tensor>>;

/// The norm of all gradients together: a 0-dim tensor; undefined ones count as 0.
torch::Tensor norm_of(const std::vector<torch::Tensor>& gradients);

/// Scales each row of `weight` (outputs,...) down to the Euclidean norm `most` if it is larger.
void limit_norms(const torch::Tensor& weight, double most);

/// Adam, AdamW and SGD with PyTorch's formulas (torch.optim; betas 0.9 and 0.999, eps 1e-8).
/// Moments are stored by parameter name: LibTorch's optimisers key theirs by address, differently
/// in each version, which cannot be saved. They take memory from the first step or the first call
/// of moments() on, none in evaluation.
class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, NamedParameters parameters);

  /// Updates every parameter with its gradient, at the same index in `gradients`, scaled by
  /// clip_grad_norm / gradient_norm if that is below 1. An undefined gradient changes nothing.
  void step(const std::vector<torch::Tensor>& gradients, double learning_rate,
            double gradient_norm);

  /// "MOMENT.PARAMETER" -> the moment itself, not a copy.
  NamedParameters moments();

  /// Steps taken so far.
  std::int64_t step_count = 0;

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    torch::Tensor first_moment;   // adam: exp_avg; sgd with momentum: momentum_buffer
    torch::Tensor second_moment;  // adam: exp_avg_sq
  };

  void make_moments();
  void adam(Slot& slot, const torch::Tensor& gradient, double learning_rate) const;
  void sgd(Slot& slot, const torch::Tensor& gradient, double learning_rate) const;
  bool is_adam() const { return options_.kind != OptimizerKind::kSgd; }

  OptimizerOptions options_;
  std::vector<Slot> slots_;
};

}  // namespace snn
