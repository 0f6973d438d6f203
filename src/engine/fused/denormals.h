#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace snn::fused {

/// Flushes denormal floats to 0 in this thread during the object's lifetime: decaying moments would
/// slow every operation on them a hundredfold. Does nothing on processors other than x86.
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

  /// The same for a thread of our own, permanently.
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
