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
  /// Whether the spikes of hidden layers are in NetworkOutput::layer_spikes; without, only those of
  /// the last layer are.
  bool record_layers = false;
};

/// A network's forward() by the kernels of the fused engine, on the CPU: the same results and
/// gradients up to rounding, many times faster. All steps of a layer are computed in one go, spikes
/// are kept as bits, and membranes are computed again in the backward pass instead of being stored.
/// The parameters stay where they are, so that any torch optimiser can change them:
///
///     snn::Network network(spec);
///     snn::FusedForward forward(network);
///     torch::optim::Adam optimizer(network->parameters());
///     auto [spikes, membrane, layers] = forward(images, /*steps=*/25);
///     fused_loss(loss, spikes, membrane, labels).backward();  // or any other loss
///
/// Gradients go through `spikes` and `membrane` to the parameters, once for each forward pass; not
/// to the input, and not through layer_spikes of hidden layers. For each output that is still
/// waiting for its backward pass, all that this pass needs is kept: let go of what you do not need.
/// It computes on torch's own threads, as many as torch::get_num_threads() (on one, if it was not
/// built by GCC), whose number does not change a bit of the results. Not to be called by two
/// threads at the same time.
class FusedForward {
 public:
  /// Throws Error(kUsage) for a network that the kernels do not compute: with relu neurons,
  /// inhibition or graded spikes.
  explicit FusedForward(Network network, FusedOptions options = {});
  ~FusedForward();
  FusedForward(FusedForward&&) noexcept;
  FusedForward& operator=(FusedForward&&) noexcept;

  /// As Network::forward(). The input is float32 or uint8, whose values v stand for v/255; what
  /// follows T and B is flattened; there is one sample at least.
  NetworkOutput operator()(const Sequence& input);
  NetworkOutput operator()(const torch::Tensor& input, std::int64_t steps);

 private:
  struct Implementation;
  std::shared_ptr<Implementation> implementation_;
};

/// compute_loss() by the kernels of the fused engine, on the CPU: the same up to rounding, in a
/// fraction of the time. Spikes and membrane (T,B,C) float32, targets (B) int64; 0-dim. The
/// gradient goes to spikes or membrane, by the kind of loss.
torch::Tensor fused_loss(const Loss& loss, const torch::Tensor& spikes,
                         const torch::Tensor& membrane, const torch::Tensor& targets,
                         Simd simd = Simd::kAuto);

}  // namespace snn
