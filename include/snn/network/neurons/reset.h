#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "snn/text/names.h"

namespace snn {

/// The reset mechanism of the membrane after a spike.
enum class Reset {
  kSubtract,  ///< subtracts the threshold
  kZero,      ///< resets to zero
  kNone,      ///< no reset
  /// Subtracts the threshold before the decay, so that it decays with the membrane: the rule of
  /// snnTorch's tutorials 3 and 5. snnTorch's neurons subtract the whole threshold.
  kSubtractBeta,
};
template <>
struct Names<Reset> {
  static constexpr std::pair<Reset, std::string_view> table[] = {
      {Reset::kSubtract, "subtract"},
      {Reset::kZero, "zero"},
      {Reset::kNone, "none"},
      {Reset::kSubtractBeta, "subtract-beta"}};
};

/// The problem of a reset mechanism with the delay of the reset, or nothing.
inline std::string reset_problem(Reset reset, bool reset_delay) {
  if (reset != Reset::kSubtractBeta || reset_delay) return "";
  return "reset: subtract-beta needs reset-delay; without, subtract decays the threshold, too";
}
/// The same for neurons of which subtract-beta is not a rule.
inline std::string reset_problem(Reset reset) {
  if (reset != Reset::kSubtractBeta) return "";
  return "reset: expected subtract, zero or none, found subtract-beta";
}

}  // namespace snn
