#pragma once

#include <string>

namespace snn {

/// Resolves "auto" to "cuda" where LibTorch and the machine support it, else to "cpu"; other
/// devices are checked. Throws Error(kUsage) for a device that LibTorch or the machine does not
/// have.
std::string resolve_device(const std::string& device);

/// The version of LibTorch in use, e.g. "1.13.1".
std::string libtorch_version();

}  // namespace snn
