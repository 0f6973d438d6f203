#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace snn {

/// The input over T time steps: a tensor (B,...) per step, or a constant one that is stored and
/// computed only once.
class Sequence {
 public:
  /// Builds a sequence from (T,B,...).
  static Sequence varying(const torch::Tensor& values);
  /// Builds a constant sequence from (B,...), for `steps` > 0 steps.
  static Sequence constant(const torch::Tensor& value, std::int64_t steps);

  std::int64_t steps() const { return steps_; }
  bool is_constant() const { return each_.empty(); }
  /// (T,B,...), or (B,...) if constant.
  const torch::Tensor& values() const { return values_; }
  /// The input (B,...) at step t.
  const torch::Tensor& at(std::int64_t t) const;
  /// (T,B,...), also if constant.
  torch::Tensor at_all_steps() const;
  /// The steps [begin, end), 0 <= begin < end <= steps().
  Sequence part(std::int64_t begin, std::int64_t end) const;
  /// A sequence of the same kind with other values, e.g. the output of a synapse.
  Sequence with_values(const torch::Tensor& values) const;

 private:
  torch::Tensor values_;
  std::vector<torch::Tensor> each_;  // empty if constant
  std::int64_t steps_ = 0;
};

}  // namespace snn
