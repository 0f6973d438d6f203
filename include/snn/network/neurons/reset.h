#pragma once

#include <string_view>
#include <utility>

#include "snn/text/names.h"

namespace snn {

/// The reset mechanism of the membrane after a spike.
enum class Reset {
  kSubtract,  ///< subtracts the threshold
  kZero,      ///< resets to zero
  kNone,      ///< no reset
};
template <>
struct Names<Reset> {
  static constexpr std::pair<Reset, std::string_view> table[] = {
      {Reset::kSubtract, "subtract"}, {Reset::kZero, "zero"}, {Reset::kNone, "none"}};
};

}  // namespace snn
