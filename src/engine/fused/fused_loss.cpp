#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/fused/denormals.h"
#include "engine/fused/sample_loss.h"
#include "kernels/select.h"
#include "numeric/buffer.h"
#include "snn/engine/fused.h"

namespace snn {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// The outputs of a batch, (T,B,N), and their gradients; not needed: undefined.
struct BatchOutputs {
  Tensor spikes, membrane, spikes_gradient, membrane_gradient;
};

// Rows (T,padded) of one sample of a tensor (T,B,N), or of nothing.
class Rows {
 public:
  Rows(const Tensor& tensor, std::int64_t padded) : tensor_(tensor), padded_(padded) {
    if (tensor.defined()) rows_ = Buffer<float>(static_cast<std::size_t>(tensor.size(0) * padded));
  }
  float* data() { return rows_.size() > 0 ? rows_.data() : nullptr; }
  void read(std::int64_t sample) {
    for (std::int64_t t = 0; t < steps(); ++t) std::copy_n(at(t, sample), width(), row(t));
  }
  void write(std::int64_t sample) {
    for (std::int64_t t = 0; t < steps(); ++t) std::copy_n(row(t), width(), at(t, sample));
  }

 private:
  std::int64_t steps() const { return tensor_.defined() ? tensor_.size(0) : 0; }
  std::int64_t width() const { return tensor_.size(2); }
  float* row(std::int64_t t) { return rows_.data() + t * padded_; }
  float* at(std::int64_t t, std::int64_t sample) const {
    return tensor_.data_ptr<float>() + (t * tensor_.size(1) + sample) * width();
  }

  Tensor tensor_;
  std::int64_t padded_;
  Buffer<float> rows_;
};

// Computes the losses of samples [first, end), and their gradients.
void compute_part(const fused::SampleLoss& loss, const BatchOutputs& batch, std::int64_t padded,
                  const std::int64_t* targets, std::int64_t first, std::int64_t end,
                  double* losses) {
  const fused::FlushDenormals flush;
  const Tensor& any = batch.spikes.defined() ? batch.spikes : batch.membrane;
  Rows spikes(batch.spikes, padded), membrane(batch.membrane, padded);
  Rows of_spikes(batch.spikes_gradient, padded), of_membrane(batch.membrane_gradient, padded);
  for (std::int64_t b = first; b < end; ++b) {
    spikes.read(b);
    membrane.read(b);
    losses[b] =
        loss({spikes.data(), membrane.data(), targets[b], of_spikes.data(), of_membrane.data()},
             any.size(0), any.size(1));
    of_spikes.write(b);
    of_membrane.write(b);
  }
}

// The gradients are computed with the loss and stored for the backward pass.
class FusedLoss : public torch::autograd::Function<FusedLoss> {
 public:
  // `targets` are contiguous and checked.
  static Tensor forward(AutogradContext* context, const Tensor& spikes, const Tensor& membrane,
                        const Tensor& targets, const fused::SampleLoss& loss, std::int64_t padded) {
    BatchOutputs batch;
    if (loss.reads_spikes()) {
      batch.spikes = spikes.contiguous();
      batch.spikes_gradient = torch::empty(spikes.sizes());
    }
    if (loss.reads_membrane()) {
      batch.membrane = membrane.contiguous();
      batch.membrane_gradient = torch::empty(membrane.sizes());
    }
    const std::int64_t samples = targets.size(0);
    std::vector<double> losses(static_cast<std::size_t>(samples));
    constexpr std::int64_t kLeastPart = 32;  // samples, for a thread
    at::parallel_for(0, samples, kLeastPart, [&](std::int64_t first, std::int64_t end) {
      compute_part(loss, batch, padded, targets.data_ptr<std::int64_t>(), first, end,
                   losses.data());
    });
    context->save_for_backward({batch.spikes_gradient, batch.membrane_gradient});
    const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
    return torch::tensor(static_cast<float>(total / static_cast<double>(samples)));
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& of_loss) {
    const bool is_one = of_loss[0].item<float>() == 1;
    tensor_list gradients = context->get_saved_variables();
    for (Tensor& gradient : gradients) {
      if (gradient.defined() && !is_one) gradient = gradient * of_loss[0];
    }
    gradients.resize(5);
    return gradients;
  }
};

}  // namespace

Tensor fused_loss(const Loss& loss, const Tensor& spikes, const Tensor& membrane,
                  const Tensor& targets, Simd simd, const Classes& classes) {
  TORCH_CHECK(spikes.dim() == 3 && membrane.sizes() == spikes.sizes() && spikes.numel() > 0 &&
                  targets.dim() == 1 && targets.size(0) == spikes.size(1),
              "a loss expects spikes and membrane (T,B,N) and targets (B), found ", spikes.sizes(),
              ", ", membrane.sizes(), " and ", targets.sizes());
  const std::int64_t outputs = spikes.size(2);
  const std::int64_t padded = kernels::padded(outputs);
  const fused::SampleLoss own(loss, classes, outputs, padded, kernels::select(simd));
  const auto check_values = [](const Tensor& values) {
    TORCH_CHECK(values.device().is_cpu() && values.scalar_type() == torch::kFloat,
                "fused_loss expects float32 values on the CPU, found ", values.scalar_type());
  };
  if (own.reads_spikes()) check_values(spikes);
  if (own.reads_membrane()) check_values(membrane);
  TORCH_CHECK(targets.device().is_cpu() && targets.scalar_type() == torch::kLong,
              "fused_loss expects int64 targets on the CPU, found ", targets.scalar_type());
  const Tensor labels = targets.contiguous();
  for (std::int64_t b = 0; b < labels.size(0); ++b) {
    const std::int64_t label = labels.data_ptr<std::int64_t>()[b];
    TORCH_CHECK(label >= 0 && label < own.classes(), "target ", b, " is ", label,
                ", but there are ", own.classes(), " classes");
  }
  return FusedLoss::apply(spikes, membrane, labels, own, padded);
}

}  // namespace snn
