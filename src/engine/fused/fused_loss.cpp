#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/fused/denormals.h"
#include "kernels/select.h"
#include "numeric/buffer.h"
#include "snn/engine/fused.h"

namespace snn {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Computes the losses of samples [first, end) of `values` (T,B,C) to `losses`, and their gradients
// to `gradient` (T,B,C).
void compute_part(const Loss& loss, const kernels::Kernels& kernels, const Tensor& values,
                  const std::int64_t* targets, std::int64_t first, std::int64_t end, double* losses,
                  float* gradient) {
  const fused::FlushDenormals flush;
  const std::int64_t steps = values.size(0), samples = values.size(1), classes = values.size(2);
  const std::int64_t padded = (classes + kernels::kGroup - 1) / kernels::kGroup * kernels::kGroup;
  const auto size = static_cast<std::size_t>(steps * padded);
  Buffer<float> own(size), of_own(size), scratch(static_cast<std::size_t>(2 * padded));
  kernels::LossImage image{};
  image.steps = steps;
  image.classes = classes;
  image.padded = padded;
  image.spikes = image.membrane = own.data();  // a loss reads only one of them
  image.scale = 1.0F / static_cast<float>(samples);
  image.gradient = of_own.data();
  image.scratch = scratch.data();
  const float* from = values.data_ptr<float>();
  for (std::int64_t b = first; b < end; ++b) {
    image.label = targets[b];
    for (std::int64_t t = 0; t < steps; ++t) {
      std::copy_n(from + (t * samples + b) * classes, classes, own.data() + t * padded);
    }
    losses[b] = kernels.loss(loss, image);
    for (std::int64_t t = 0; t < steps; ++t) {
      std::copy_n(of_own.data() + t * padded, classes, gradient + (t * samples + b) * classes);
    }
  }
}

// The gradient is computed with the loss and stored for the backward pass.
class FusedLoss : public torch::autograd::Function<FusedLoss> {
 public:
  // `targets` are contiguous and checked.
  static Tensor forward(AutogradContext* context, const Tensor& values, const Tensor& targets,
                        const Loss& loss, Simd simd) {
    const kernels::Kernels& kernels = kernels::select(simd);
    const Tensor contiguous = values.contiguous();
    const std::int64_t samples = values.size(1);
    Tensor gradient = torch::empty(values.sizes());
    std::vector<double> losses(static_cast<std::size_t>(samples));
    constexpr std::int64_t kLeastPart = 32;  // samples, for a thread
    at::parallel_for(0, samples, kLeastPart, [&](std::int64_t first, std::int64_t end) {
      compute_part(loss, kernels, contiguous, targets.data_ptr<std::int64_t>(), first, end,
                   losses.data(), gradient.data_ptr<float>());
    });
    context->save_for_backward({gradient});
    const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
    return torch::tensor(static_cast<float>(total / static_cast<double>(samples)));
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& of_loss) {
    const Tensor gradient = context->get_saved_variables()[0];
    const bool is_one = of_loss[0].item<float>() == 1;
    return {is_one ? gradient : gradient * of_loss[0], Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor fused_loss(const Loss& loss, const Tensor& spikes, const Tensor& membrane,
                  const Tensor& targets, Simd simd) {
  const Tensor& values = kernels::is_of_membrane(loss.kind) ? membrane : spikes;
  TORCH_CHECK(values.dim() == 3 && values.numel() > 0 && targets.dim() == 1 &&
                  targets.size(0) == values.size(1),
              "a loss expects spikes and membrane (T,B,C) and targets (B), found ", spikes.sizes(),
              ", ", membrane.sizes(), " and ", targets.sizes());
  TORCH_CHECK(values.device().is_cpu() && values.scalar_type() == torch::kFloat &&
                  targets.device().is_cpu() && targets.scalar_type() == torch::kLong,
              "fused_loss expects float32 values and int64 targets on the CPU, found ",
              values.scalar_type(), " and ", targets.scalar_type());
  const Tensor labels = targets.contiguous();
  for (std::int64_t b = 0; b < labels.size(0); ++b) {
    const std::int64_t label = labels.data_ptr<std::int64_t>()[b];
    TORCH_CHECK(label >= 0 && label < values.size(2), "target ", b, " is ", label,
                ", but there are ", values.size(2), " classes");
  }
  return FusedLoss::apply(values, labels, loss, simd);
}

}  // namespace snn
