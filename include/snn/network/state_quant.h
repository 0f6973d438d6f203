#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/text/names.h"

namespace at {
class Tensor;
}

namespace snn {

/// Quantisation of the membrane to 2^bits levels, as snnTorch's quant.state_quant. With the lowest
/// level -threshold (1 + lower) and the highest threshold (1 + upper):
enum class StateQuantKind {
  kNone,               ///< none
  kUniform,            ///< evenly spaced
  kThresholdCentered,  ///< the denser, the nearer to the threshold  uniform=False
  kZeroCentered,  ///< the denser, the nearer to 0              uniform=False, thr_centered=False
};
template <>
struct Names<StateQuantKind> {
  static constexpr std::pair<StateQuantKind, std::string_view> table[] = {
      {StateQuantKind::kNone, "none"},
      {StateQuantKind::kUniform, "uniform"},
      {StateQuantKind::kThresholdCentered, "threshold-centered"},
      {StateQuantKind::kZeroCentered, "zero-centered"}};
};

/// A quantisation and its parameters; written `uniform:bits=4` or `none`.
struct StateQuant {
  StateQuantKind kind = StateQuantKind::kNone;
  double bits = 8;  ///< a whole number in [1, 16]
  /// The threshold that the levels are made for; independent of the neurons' own.
  double threshold = 1.0;
  double lower = 0.0, upper = 0.2;

  bool operator==(const StateQuant&) const = default;
};

/// `name[:parameter=value[,parameter=value]]`; throws Error(kUsage) that names the mistake and the
/// valid choices.
StateQuant parse_state_quant(std::string_view text);
/// The text with every parameter; parse_state_quant() reads it back exactly.
std::string to_string(const StateQuant& quant);

/// Its levels in ascending order; empty for none. Away from its centre c, the threshold or 0, the
/// steps between levels grow as 1, 1/m, 1/m^2, ..., with m by the number of bits (snnTorch's
/// table).
std::vector<double> levels(const StateQuant& quant);

/// The level nearest to each value, the lower of two; in x's shape and dtype. Autograd takes it for
/// the identity.
at::Tensor quantized(const at::Tensor& x, const StateQuant& quant);

}  // namespace snn
