#include "kernels/select.h"

#include <string>

#include "snn/text/error.h"

namespace snn::kernels {

const Kernels& generic_kernels();
#ifdef SNN_X86_KERNELS
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
#endif

namespace {

bool has(Simd simd) {
#ifdef SNN_X86_KERNELS
  if (simd == Simd::kAvx512) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  }
  if (simd == Simd::kAvx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return simd == Simd::kGeneric;
}

}  // namespace

const Kernels& select(Simd simd) {
  if (simd == Simd::kAuto) {
    simd = has(Simd::kAvx512) ? Simd::kAvx512 : has(Simd::kAvx2) ? Simd::kAvx2 : Simd::kGeneric;
  }
  if (!has(simd)) {
    throw Error(ExitCode::kUsage, "simd: this processor does not have " +
                                      std::string(name_of(simd)) + "; use --simd auto");
  }
#ifdef SNN_X86_KERNELS
  if (simd == Simd::kAvx512) return avx512_kernels();
  if (simd == Simd::kAvx2) return avx2_kernels();
#endif
  return generic_kernels();
}

}  // namespace snn::kernels
