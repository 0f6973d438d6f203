#define SNN_KERNELS generic_kernels
#define SNN_KERNELS_NAME "generic"
#include "kernels/cpu/table.inc"  // NOLINT
