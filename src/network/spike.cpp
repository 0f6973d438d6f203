#include <torch/torch.h>

#include <numbers>

#include "snn/network/surrogate.h"

namespace snn {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Forward: the Heaviside step. Backward: the surrogate's derivative at x, the only value that is
// stored.
class SpikeFunction : public torch::autograd::Function<SpikeFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Surrogate& surrogate) {
    context->save_for_backward({x});
    context->saved_data["kind"] = static_cast<std::int64_t>(surrogate.kind);
    context->saved_data["first"] = surrogate.parameters[0];
    context->saved_data["second"] = surrogate.parameters[1];
    return x.gt(0).to(x.scalar_type());
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& grad_outputs) {
    const Surrogate surrogate{
        static_cast<SurrogateKind>(context->saved_data["kind"].toInt()),
        {context->saved_data["first"].toDouble(), context->saved_data["second"].toDouble()}};
    const Tensor x = context->get_saved_variables()[0];
    return {surrogate_derivative(x, surrogate).mul_(grad_outputs[0]), Tensor()};
  }
};

// 1 / (1 + slope |x|)^2
Tensor fast_sigmoid_derivative(const Tensor& x, double slope) {
  return x.abs().mul_(slope).add_(1).reciprocal_().square_();
}

}  // namespace

Tensor surrogate_derivative(const Tensor& x, const Surrogate& surrogate) {
  const auto [first, second] = surrogate.parameters;
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
      return torch::where(x < 0, torch::full_like(x, first), torch::full_like(x, -first));
    case SurrogateKind::kStraightThrough:
      return torch::ones_like(x);
    case SurrogateKind::kSpikeRateEscape:
      return x.sub(1).abs_().mul_(-first).exp_().mul_(second);
    case SurrogateKind::kSfs:
      return fast_sigmoid_derivative(x, first).mul_(x > second);
    case SurrogateKind::kSpikeOperator:
      return x.gt(0).to(x.scalar_type());
  }
  TORCH_CHECK(false, "unknown surrogate");
}

Tensor spike(const Tensor& x, const Surrogate& surrogate) {
  return SpikeFunction::apply(x, surrogate);
}

}  // namespace snn
