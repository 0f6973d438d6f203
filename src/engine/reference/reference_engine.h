#pragma once

#include <memory>

#include "snn/engine/engine.h"

namespace snn {

/// The engine that runs Network, one step at a time in tensor operations, on any device.
std::unique_ptr<Engine> make_reference_engine(const EngineOptions& options);

}  // namespace snn
