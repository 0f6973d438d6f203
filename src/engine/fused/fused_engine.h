#pragma once

#include <memory>
#include <string>

#include "snn/engine/engine.h"

namespace snn::fused {

/// Why the fused engine does not compute this network on this device; empty if it does.
std::string why_not(const EngineOptions& options);

/// Throws Error(kUsage) for what it does not compute, and for an instruction set that the processor
/// does not have.
std::unique_ptr<Engine> make_fused_engine(const EngineOptions& options);

}  // namespace snn::fused
