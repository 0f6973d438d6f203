#pragma once

#include <torch/types.h>

#include <memory>

#include "snn/kernels/simd.h"
#include "snn/network/loss.h"
#include "snn/network/network.h"
#include "snn/network/sequence.h"

namespace snn {

struct FusedOptions {
  Simd simd = Simd::kAuto;
  /// Store the spikes of hidden layers in NetworkOutput::layer_spikes; otherwise it has only those
  /// of the last layer.
  bool record_layers = false;
};

/// Computes a network's forward() with the kernels of the fused engine, on the CPU: the same
/// results and gradients up to rounding, many times faster. All steps of a layer are computed in
/// one pass, spikes are stored as bits, and membrane potentials are recomputed in the backward
/// pass. The parameters stay in place, so that any torch optimiser can update them:
///
///     snn::Network network(spec);
///     snn::FusedForward forward(network);
///     torch::optim::Adam optimizer(network->parameters());
///     auto [spikes, membrane, layers] = forward(images, /*steps=*/25);
///     fused_loss(loss, spikes, membrane, labels).backward();  // or any other loss
///
/// Gradients flow through `spikes` and `membrane` to the parameters, once per forward pass; they
/// flow neither to the input nor through layer_spikes of hidden layers. Each output that awaits its
/// backward pass keeps the memory that this pass needs: release outputs that you do not need. The
/// computation uses torch's threads, torch::get_num_threads() of them (one thread if this library
/// was not built by GCC); their number does not change a bit of the results. Not to be called by
/// two threads concurrently.
class FusedForward {
 public:
  /// Throws Error(kUsage) naming the layer for a network that the kernels do not support, e.g. with
  /// relu neurons, inhibition or graded spikes.
  explicit FusedForward(Network network, FusedOptions options = {});
  ~FusedForward();
  FusedForward(FusedForward&&) noexcept;
  FusedForward& operator=(FusedForward&&) noexcept;

  /// As Network::forward(). The input is float32, or uint8 with values v that mean v/255; the
  /// dimensions after T and B are flattened; the batch must have at least one sample.
  NetworkOutput operator()(const Sequence& input, const Pass& pass = {});
  NetworkOutput operator()(const torch::Tensor& input, std::int64_t steps, const Pass& pass = {});

 private:
  struct Implementation;
  std::shared_ptr<Implementation> implementation_;
};

/// Computes compute_loss() with the kernels of the fused engine, on the CPU: the same up to
/// rounding, in a fraction of the time. Spikes and membrane are (T,B,N) float32, targets (B) int64;
/// the result is 0-dim. The gradient flows to those of them that the loss looks at.
torch::Tensor fused_loss(const Loss& loss, const torch::Tensor& spikes,
                         const torch::Tensor& membrane, const torch::Tensor& targets,
                         Simd simd = Simd::kAuto, const Classes& classes = {});

}  // namespace snn
