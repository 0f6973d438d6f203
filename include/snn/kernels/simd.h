#pragma once

#include <string_view>
#include <utility>

#include "snn/text/names.h"

namespace snn {

/// The instruction set of the fused engine on a CPU.
enum class Simd {
  kAuto,  ///< the widest that the processor has
  kAvx512,
  kAvx2,  ///< with FMA
  kGeneric,
};
template <>
struct Names<Simd> {
  static constexpr std::pair<Simd, std::string_view> table[] = {{Simd::kAuto, "auto"},
                                                                {Simd::kAvx512, "avx512"},
                                                                {Simd::kAvx2, "avx2"},
                                                                {Simd::kGeneric, "generic"}};
};

}  // namespace snn
