#include "snn/network/spike_times.h"

#include <torch/torch.h>

#include <vector>

namespace snn {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

class SpikeTimes : public torch::autograd::Function<SpikeTimes> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& spikes, std::int64_t count) {
    const std::int64_t steps = spikes.size(0);
    const Tensor each = torch::arange(steps, spikes.options()).view({steps, 1, 1});
    const Tensor last = torch::full_like(each, static_cast<double>(steps - 1));
    const Tensor is_spike = spikes.ne(0), number = is_spike.cumsum(0);
    std::vector<Tensor> times;
    for (std::int64_t i = 1; i <= count; ++i) {
      times.push_back(torch::where(is_spike.logical_and(number.eq(i)), each, last).amin(0));
    }
    const Tensor all = torch::stack(times);
    context->save_for_backward({all});
    context->saved_data["steps"] = steps;
    return all;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& of_times) {
    const Tensor times = context->get_saved_variables()[0];
    const std::int64_t steps = context->saved_data["steps"].toInt();
    const Tensor each = torch::arange(steps, times.options()).view({steps, 1, 1});
    Tensor gradient = torch::zeros({steps, times.size(1), times.size(2)}, times.options());
    for (std::int64_t i = 0; i < times.size(0); ++i) {
      gradient -= each.eq(times[i]) * of_times[0][i];
    }
    return {gradient, Tensor()};
  }
};

}  // namespace

Tensor spike_times(const Tensor& spikes, std::int64_t count) {
  TORCH_CHECK(spikes.dim() == 3, "spike times expect spikes (T,B,N), found ", spikes.sizes());
  TORCH_CHECK(count > 0, "spike times expect a count of at least 1, found ", count);
  return SpikeTimes::apply(spikes, count);
}

Tensor mse_spike_times(const Tensor& times, const Tensor& targets, std::int64_t steps,
                       double tolerance) {
  TORCH_CHECK(times.sizes() == targets.sizes(), "the times are ", times.sizes(),
              ", but their targets ", targets.sizes());
  const Tensor wanted = torch::where(targets.lt(0), targets + steps, targets).to(times.dtype());
  const Tensor errors = times - wanted;
  return (errors.masked_fill(errors.abs() < tolerance, 0) / steps).square().mean();
}

}  // namespace snn
