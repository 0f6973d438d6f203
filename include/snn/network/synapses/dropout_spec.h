#pragma once

#include <cstdint>
#include <string_view>

#include "snn/network/field.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Dropout (N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: A
/// simple way to prevent neural networks from overfitting", JMLR 15, 2014): in training each value
/// that it hands on is 0 with probability p and else multiplied by 1/(1 - p), as in PyTorch's
/// Dropout. Before a linear operation the values are the spikes of the layer before.
struct DropoutSpec {
  static constexpr std::string_view kName = "dropout";
  static constexpr std::string_view kModule = "dropout";

  double p = 0.5;
  /// A neuron is dropped at all steps of a sample or at none, as SpikingJelly's multi-step Dropout
  /// does; with per_step each step has draws of its own, as snnTorch with a Dropout in its loop.
  bool per_step = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(Field{.name = "p",
                .help = "Probability that a spike is dropped in training",
                .range = {.low = 0, .high = 1, .without_high = true},
                .is_strict = true},
          self.p);
    visit(Field{.name = "per-step", .help = "Draw at each step, not once for a sample"},
          self.per_step);
  }

  Shape output_shape(const Shape& input) const { return input; }
  std::int64_t parameter_count(const Shape&) const { return 0; }
  /// The factor of the values that are kept.
  float scale() const { return static_cast<float>(1 / (1 - p)); }

  bool operator==(const DropoutSpec&) const = default;
};

}  // namespace snn
