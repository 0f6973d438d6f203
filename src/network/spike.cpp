#include <torch/torch.h>

#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>

#include "snn/network/surrogate.h"
#include "snn/numeric/random.h"

namespace snn {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

using Derivative = std::function<Tensor(const Tensor&)>;

// Holds a derivative where autograd keeps what a backward pass needs.
struct DerivativeHolder : torch::CustomClassHolder {
  explicit DerivativeHolder(Derivative function) : derivative(std::move(function)) {}
  Derivative derivative;
};

// Forward: the Heaviside step. Backward: the surrogate's derivative at x, the only value that is
// stored.
class SpikeFunction : public torch::autograd::Function<SpikeFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Derivative& derivative) {
    context->save_for_backward({x});
    context->saved_data["derivative"] =
        c10::IValue::make_capsule(c10::make_intrusive<DerivativeHolder>(derivative));
    return x.gt(0).to(x.scalar_type());
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& grad_outputs) {
    const auto holder = c10::dynamic_intrusive_pointer_cast<DerivativeHolder>(
        context->saved_data["derivative"].toCapsule());
    const Tensor x = context->get_saved_variables()[0];
    return {holder->derivative(x) * grad_outputs[0], Tensor()};
  }
};

// 1 / (1 + slope |x|)^2
Tensor fast_sigmoid_derivative(const Tensor& x, double slope) {
  return x.abs().mul_(slope).add_(1).reciprocal_().square_();
}

// The normal density around 0 at x.
Tensor normal_density(const Tensor& x, double sigma) {
  const double height = 1 / (std::sqrt(2 * std::numbers::pi) * sigma);
  return x.square().mul_(-0.5 / (sigma * sigma)).exp_().mul_(height);
}

Tensor two_sides(const Tensor& is_right, const Tensor& like, double right, double left) {
  return torch::where(is_right, torch::full_like(like, right), torch::full_like(like, left));
}

// A number in [0, 1) for each x, by its float's bits and its place.
Tensor drawn_from(const Tensor& x) {
  constexpr std::array<std::uint32_t, 2> kKey = {0x55306f, 0};  // of no other purpose
  const Tensor bits = x.detach().to(torch::kCPU, torch::kFloat).contiguous();
  Tensor drawn = torch::empty(bits.sizes());
  const float* from = bits.data_ptr<float>();
  float* to = drawn.data_ptr<float>();
  for (std::int64_t i = 0; i < bits.numel(); ++i) {
    const auto place = static_cast<std::uint64_t>(i);
    const std::uint32_t drawn_bits =
        philox({std::bit_cast<std::uint32_t>(from[i]), static_cast<std::uint32_t>(place),
                static_cast<std::uint32_t>(place >> 32), 0},
               kKey)[0];
    to[i] = static_cast<float>(drawn_bits >> 8) * 0x1p-24F;
  }
  return drawn.to(x.options().requires_grad(false));
}

}  // namespace

Tensor surrogate_derivative(const Tensor& x, const Surrogate& surrogate) {
  const auto [first, second, third] = surrogate.parameters;
  switch (surrogate.kind) {
    case SurrogateKind::kAtan: {
      const double scale = std::numbers::pi / 2 * first;
      return x.mul(scale).square_().add_(1).reciprocal_().mul_(first / 2);
    }
    case SurrogateKind::kFastSigmoid:
      return fast_sigmoid_derivative(x, first);
    case SurrogateKind::kSigmoid: {
      // The form exp(-slope |x|) / (1 + exp(-slope |x|))^2 of slope s (1 - s) does not overflow on
      // either side.
      const Tensor decay = x.abs().mul_(-first).exp_();
      return decay.div((decay + 1).square_()).mul_(first);
    }
    case SurrogateKind::kTriangular:
      return two_sides(x < 0, x, first, -first);
    case SurrogateKind::kStraightThrough:
      return torch::ones_like(x);
    case SurrogateKind::kSpikeRateEscape:
      return x.sub(1).abs_().mul_(-first).exp_().mul_(second);
    case SurrogateKind::kSfs:
      return fast_sigmoid_derivative(x, first).mul_(x > second);
    case SurrogateKind::kSpikeOperator:
      return x.gt(0).to(x.scalar_type());
    case SurrogateKind::kSso:
      return torch::where(x > 0, torch::ones_like(x), (drawn_from(x) - 0.5 + first) * second);
    case SurrogateKind::kLso:
      return two_sides(x > 0, x, 1, first);
    case SurrogateKind::kBoxcar:
      return two_sides(x.abs() < first / 2, x, 1 / first, 0);
    case SurrogateKind::kGaussian:
      return normal_density(x, first);
    case SurrogateKind::kMultiGaussian:
      return normal_density(x, second) * (1 + first) -
             (normal_density(x - second, third * second) +
              normal_density(x + second, third * second)) *
                 first;
    case SurrogateKind::kErf:
      return x.mul(first).square_().neg_().exp_().mul_(first / std::sqrt(std::numbers::pi));
    case SurrogateKind::kLeakyRelu:
      return two_sides(x >= 0, x, first, second);
  }
  TORCH_CHECK(false, "unknown surrogate");
}

Tensor spike(const Tensor& x, const Surrogate& surrogate) {
  return spike(x, [surrogate](const Tensor& at) { return surrogate_derivative(at, surrogate); });
}

Tensor spike(const Tensor& x, std::function<Tensor(const Tensor& x)> derivative) {
  return SpikeFunction::apply(x, std::move(derivative));
}

}  // namespace snn
