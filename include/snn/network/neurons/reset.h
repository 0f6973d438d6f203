#pragma once

#include <string_view>
#include <utility>

#include "snn/text/names.h"

namespace snn {

/// How a spike lowers the membrane.
enum class Reset {
  kSubtract,  ///< by the threshold
  kZero,      ///< to zero
  kNone,      ///< not at all
};
template <>
struct Names<Reset> {
  static constexpr std::pair<Reset, std::string_view> table[] = {
      {Reset::kSubtract, "subtract"}, {Reset::kZero, "zero"}, {Reset::kNone, "none"}};
};

}  // namespace snn
