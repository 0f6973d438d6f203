#pragma once

#include <string>

namespace snn {

/// "auto" becomes "cuda" where LibTorch and the machine have it, else "cpu"; others are checked.
/// Throws Error(kUsage) for a device that LibTorch or the machine does not have.
std::string resolve_device(const std::string& device);

/// The version of the LibTorch in use, "1.13.1".
std::string libtorch_version();

}  // namespace snn
