#pragma once

#include <string>

#include "snn/network/loss.h"
#include "snn/network/network_spec.h"

namespace snn::fused {

// Why the fused engine does not compute something, as the end of "it does not support ..."; empty
// if it does.

/// Covered is one linear operation that feeds Leaky neurons without inhibition whose spikes are
/// worth 1.
std::string uncovered(const LayerSpec& layer);
/// The same of the first such layer of a network, which it names.
std::string uncovered(const NetworkSpec& network);
std::string uncovered(const Loss& loss);

}  // namespace snn::fused
