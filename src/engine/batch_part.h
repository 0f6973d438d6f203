#pragma once

#include <cstdint>

#include "snn/data/batch.h"

namespace snn {

/// Copies the samples [first, first + count) of `batch` to `part`, whose memory is reused.
void copy_part(const Batch& batch, std::int64_t first, std::int64_t count, Batch& part);

}  // namespace snn
