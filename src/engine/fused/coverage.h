#pragma once

#include <string>

#include "snn/network/network_spec.h"

namespace snn::fused {

// The reason why the fused engine does not support something, as the end of "it does not support
// ..."; empty if it does.

/// Supported layers have one linear operation, dropout before it, and Leaky neurons without
/// inhibition or graded spikes.
std::string uncovered(const LayerSpec& layer);
/// The same for a network; names its first unsupported layer.
std::string uncovered(const NetworkSpec& network);

}  // namespace snn::fused
