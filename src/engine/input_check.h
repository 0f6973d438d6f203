#pragma once

#include <cstdint>
#include <string>

#include "snn/data/batch.h"

namespace snn {

/// The problem with the spikes of a batch for a network of that many inputs, or nothing; nothing
/// for a batch of values.
std::string spikes_problem(const Batch& batch, std::int64_t inputs);

}  // namespace snn
