#pragma once

#include <string>

#include "snn/network/network_spec.h"

namespace snn::fused {

// The reason why the fused engine does not support something, as the end of "it does not support
// ..."; empty if it does.

/// Supported layers have one linear operation, perhaps with dropout before it, and neurons of which
/// the kernels have a model (kernels::without_model()).
std::string uncovered(const LayerSpec& layer);
/// The same for a network; names its first unsupported layer.
std::string uncovered(const NetworkSpec& network);

}  // namespace snn::fused
