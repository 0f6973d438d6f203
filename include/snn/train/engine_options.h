#pragma once

#include <string>

#include "snn/engine/engine_options.h"
#include "snn/network/network_spec.h"
#include "snn/train/config.h"

namespace snn {

/// What an engine is to be built from to train or evaluate `network` as `config` says, on `device`
/// (of resolve_device()) and on so many CPU threads. Device and threads of `config` are not read:
/// their values may be "auto" and 0.
EngineOptions engine_options(const Config& config, const NetworkSpec& network,
                             const std::string& device, int threads);

}  // namespace snn
