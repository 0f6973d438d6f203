#define SNN_KERNELS avx512_kernels
#define SNN_KERNELS_NAME "avx512"
#include "kernels/cpu/table.inc"  // NOLINT
