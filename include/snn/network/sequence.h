#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace snn {

/// What arrives over T time steps: a tensor (B,...) for each step, or one that is the same at every
/// step and is then kept, and computed with, only once.
class Sequence {
 public:
  /// From (T,B,...).
  static Sequence varying(const torch::Tensor& values);
  /// From (B,...), for `steps` > 0 steps.
  static Sequence constant(const torch::Tensor& value, std::int64_t steps);

  std::int64_t steps() const { return steps_; }
  bool is_constant() const { return each_.empty(); }
  /// (T,B,...), or (B,...) if constant.
  const torch::Tensor& values() const { return values_; }
  /// (B,...): what arrives at step t.
  const torch::Tensor& at(std::int64_t t) const;
  /// (T,B,...), constant or not.
  torch::Tensor at_all_steps() const;
  /// The same kind of sequence with other values, e.g. those that a synapse makes of them.
  Sequence with_values(const torch::Tensor& values) const;

 private:
  torch::Tensor values_;
  std::vector<torch::Tensor> each_;  // empty if constant
  std::int64_t steps_ = 0;
};

}  // namespace snn
