#define SNN_KERNELS avx2_kernels
#define SNN_KERNELS_NAME "avx2"
#include "kernels/cpu/table.inc"  // NOLINT
