#pragma once

#include <cstdint>

#include "kernels/kernels.h"
#include "snn/engine/engine_options.h"

namespace snn::fused {

/// The rule of step `step`, from 1, of an optimiser.
kernels::UpdateRule update_rule(const OptimizerOptions& optimizer, std::int64_t step,
                                double learning_rate);

}  // namespace snn::fused
