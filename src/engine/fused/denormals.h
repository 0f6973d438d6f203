#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace snn::fused {

/// Has this thread take numbers too small for a normal float for 0 while the object lives: moments
/// that fade away would slow every operation on them a hundred times. Does nothing on processors
/// other than x86.
class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : before_(_mm_getcsr()) {
    _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushDenormals() { _mm_setcsr(before_); }
#else
  FlushDenormals() {}
  ~FlushDenormals() {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

  /// The same for a thread of ours, for good.
  static void for_this_thread() {
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
#endif
  }

 private:
#if defined(__SSE__)
  static constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  unsigned before_;
#endif
};

}  // namespace snn::fused
