#pragma once

#include <memory>
#include <string>

#include "snn/engine/engine.h"

namespace snn::fused {

/// The reason why the fused engine does not support this network on this device; empty if it does.
std::string why_not(const EngineOptions& options);

/// Throws Error(kUsage) for unsupported networks, and for an instruction set that the processor
/// lacks.
std::unique_ptr<Engine> make_fused_engine(const EngineOptions& options);

}  // namespace snn::fused
