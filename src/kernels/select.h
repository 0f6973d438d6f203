#pragma once

#include "kernels/kernels.h"
#include "snn/kernels/simd.h"

namespace snn::kernels {

/// The kernels for an instruction set; for kAuto the widest that this processor has. Throws
/// Error(kUsage) for one that it does not have.
const Kernels& select(Simd simd);

}  // namespace snn::kernels
