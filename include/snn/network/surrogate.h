#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "snn/text/names.h"

namespace at {
class Tensor;
}

namespace snn {

/// Surrogate gradients: the functions that replace the derivative of a spike in the backward pass
/// (E. O. Neftci, H. Mostafa and F. Zenke, "Surrogate gradient learning in spiking neural
/// networks", IEEE Signal Processing Magazine 36, 2019). x = membrane - threshold; the forward pass
/// of all of them is 1 where x > 0, strictly, and 0 elsewhere.
///
/// atan is used by W. Fang et al., "Incorporating learnable membrane time constant to enhance
/// learning of spiking neural networks" (ICCV 2021); fast-sigmoid by F. Zenke and S. Ganguli,
/// "SuperSpike: Supervised learning in multilayer spiking neural networks" (Neural Computation 30,
/// 2018); straight-through by Y. Bengio, N. Léonard and A. Courville, "Estimating or propagating
/// gradients through stochastic neurons for conditional computation" (arXiv:1308.3432, 2013);
/// boxcar and gaussian by Y. Wu et al., "Spatio-temporal backpropagation for training
/// high-performance spiking neural networks" (Frontiers in Neuroscience 12, 2018); multi-gaussian
/// by B. Yin, F. Corradi and S. M. Bohté, "Accurate and efficient time-domain classification with
/// adaptive spiking recurrent neural networks" (Nature Machine Intelligence 3, 2021); erf by
/// S. K. Esser et al., "Backpropagation for energy-efficient neuromorphic computing" (NeurIPS
/// 2015), in SpikingJelly's form; leaky-relu is the derivative of the leaky rectifier of
/// A. L. Maas, A. Y. Hannun and A. Y. Ng, "Rectifier nonlinearities improve neural network acoustic
/// models" (ICML 2013), SpikingJelly's LeakyKReLU.
///
/// The others follow snnTorch's code where it differs from its documentation: triangular has two
/// constant sides and sfs is one-sided. Its LSO fails; lso is what its documentation says.
enum class SurrogateKind {
  kAtan,             ///< (alpha/2) / (1 + (pi/2 alpha x)^2)           snnTorch atan
  kFastSigmoid,      ///< 1 / (1 + slope |x|)^2                        snnTorch fast_sigmoid
  kSigmoid,          ///< slope s(slope x) (1 - s(slope x))            snnTorch sigmoid, made stable
  kTriangular,       ///< height where x < 0, -height elsewhere        snnTorch triangular
  kStraightThrough,  ///< 1                                            straight_through_estimator
  kSpikeRateEscape,  ///< slope exp(-beta |x - 1|)                     snnTorch spike_rate_escape
  kSfs,              ///< 1 / (1 + slope |x|)^2 where x > b, else 0    snnTorch SFS
  kSpikeOperator,    ///< 1 where x > 0, else 0                        snnTorch heaviside
  kSso,              ///< 1 where x > 0, else (u - 0.5 + mean) variance;  snnTorch SSO
                     ///< u: drawn from [0, 1), see below
  kLso,              ///< 1 where x > 0, else slope                    snnTorch LSO
  kBoxcar,           ///< 1/width where |x| < width/2, else 0
  kGaussian,         ///< N(x; sigma), the normal density around 0
  kMultiGaussian,    ///< (1 + height) N(x; sigma) - height N(x - sigma; scale sigma)
                     ///< - height N(x + sigma; scale sigma)
  kErf,              ///< alpha / sqrt(pi) exp(-(alpha x)^2)
  kLeakyRelu,        ///< slope where x >= 0, else leak
};
template <>
struct Names<SurrogateKind> {
  static constexpr std::pair<SurrogateKind, std::string_view> table[] = {
      {SurrogateKind::kAtan, "atan"},
      {SurrogateKind::kFastSigmoid, "fast-sigmoid"},
      {SurrogateKind::kSigmoid, "sigmoid"},
      {SurrogateKind::kTriangular, "triangular"},
      {SurrogateKind::kStraightThrough, "straight-through"},
      {SurrogateKind::kSpikeRateEscape, "spike-rate-escape"},
      {SurrogateKind::kSfs, "sfs"},
      {SurrogateKind::kSpikeOperator, "spike-operator"},
      {SurrogateKind::kSso, "sso"},
      {SurrogateKind::kLso, "lso"},
      {SurrogateKind::kBoxcar, "boxcar"},
      {SurrogateKind::kGaussian, "gaussian"},
      {SurrogateKind::kMultiGaussian, "multi-gaussian"},
      {SurrogateKind::kErf, "erf"},
      {SurrogateKind::kLeakyRelu, "leaky-relu"}};
};

/// A surrogate and its parameters; written `atan:alpha=2` or, with the defaults, `atan`.
///
/// The draws of sso come from no generator that anything else draws from: u is a hash of the bits
/// of x and of its place in the tensor, and so the same for the same membrane, whatever was
/// computed before and on how many threads. The fused engine, whose membranes differ in their last
/// bits, does not have it.
struct Surrogate {
  SurrogateKind kind = SurrogateKind::kAtan;
  /// In the order of the formula above; unused parameters are 0.
  std::array<double, 3> parameters = {2.0, 0.0, 0.0};

  static Surrogate atan(double alpha = 2.0);
  static Surrogate fast_sigmoid(double slope = 25.0);
  static Surrogate sigmoid(double slope = 25.0);
  static Surrogate triangular(double height = 1.0);
  static Surrogate straight_through();
  static Surrogate spike_rate_escape(double beta = 1.0, double slope = 25.0);
  static Surrogate sfs(double slope = 25.0, double b = 1.0);
  static Surrogate spike_operator();
  static Surrogate sso(double mean = 0.0, double variance = 0.2);
  static Surrogate lso(double slope = 0.1);
  static Surrogate boxcar(double width = 1.0);
  static Surrogate gaussian(double sigma = 0.5);
  static Surrogate multi_gaussian(double height = 0.15, double sigma = 0.5, double scale = 6.0);
  static Surrogate erf(double alpha = 2.0);
  static Surrogate leaky_relu(double slope = 1.0, double leak = 0.01);

  bool operator==(const Surrogate&) const = default;
};

/// `name[:parameter=value[,parameter=value]]`; throws Error(kUsage) that names the mistake and the
/// valid choices.
Surrogate parse_surrogate(std::string_view text);

/// The text with every parameter; parse_surrogate() reads it back exactly.
std::string to_string(const Surrogate& surrogate);

/// The spikes of x: 1 where x > 0 and 0 elsewhere, in x's shape and dtype; autograd uses the
/// surrogate gradient.
at::Tensor spike(const at::Tensor& x, const Surrogate& surrogate);

/// The same with a surrogate gradient of the caller's own, which is called in the backward pass and
/// returns its value at x, elementwise (snnTorch's custom_surrogate):
///
///     spike(x, [](const torch::Tensor& x) { return 1 / (1 + x.abs()); });
at::Tensor spike(const at::Tensor& x, std::function<at::Tensor(const at::Tensor& x)> derivative);

/// The surrogate gradient at x, elementwise.
at::Tensor surrogate_derivative(const at::Tensor& x, const Surrogate& surrogate);

}  // namespace snn
