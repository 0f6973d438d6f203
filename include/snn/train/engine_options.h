#pragma once

#include <string>

#include "snn/engine/engine_options.h"
#include "snn/network/network_spec.h"
#include "snn/train/config.h"

namespace snn {

/// The options of an engine that trains or evaluates `network` by `config` on `device` (from
/// resolve_device()) and `threads` CPU threads. Device and threads of `config` are ignored: they
/// may be "auto" and 0. Throws Error(kUsage) for a loss or decision of first spikes if the output
/// neurons have no spikes.
EngineOptions engine_options(const Config& config, const NetworkSpec& network,
                             const std::string& device, int threads);

}  // namespace snn
