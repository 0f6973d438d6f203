#pragma once

#include <memory>

#include "snn/engine/engine.h"
#include "snn/network/network.h"

namespace snn {

/// The engine that runs Network, one step at a time in tensor operations, on any device.
std::unique_ptr<Engine> make_reference_engine(const EngineOptions& options);
/// The same for a network of the caller's own; `options.network` describes its output.
std::unique_ptr<Engine> make_reference_engine(const EngineOptions& options, Network network);

}  // namespace snn
