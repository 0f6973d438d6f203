#pragma once

namespace snn::adam {

/// The constants of Adam and AdamW that no option changes: PyTorch's defaults, and those of D. P.
/// Kingma and J. Ba, "Adam: A method for stochastic optimization" (ICLR 2015).
inline constexpr double kBeta1 = 0.9;     ///< decay of the gradient's running mean
inline constexpr double kBeta2 = 0.999;   ///< decay of the squared gradient's running mean
inline constexpr double kEpsilon = 1e-8;  ///< added to the square root of the latter

}  // namespace snn::adam
