#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <memory>
#include <ostream>
#include <vector>

#include "snn/network/network_spec.h"
#include "snn/network/neuron.h"
#include "snn/network/pass.h"
#include "snn/network/synapse.h"

namespace snn {

struct NetworkOutput {
  /// (T,B,C): the output of the last layer: spikes, or, for relu neurons, the membrane as logits.
  torch::Tensor spikes;
  torch::Tensor membrane;                   ///< (T,B,C) of the last layer, after each step
  std::vector<torch::Tensor> layer_spikes;  ///< (T,B,N) of every layer, the last included
  /// The same for the currents and membranes of the layers; empty unless requested.
  std::vector<torch::Tensor> layer_currents, layer_membranes;
};

/// Layers of synaptic operations and neurons, built from a specification. Submodules are named fc1,
/// lif1, fc2, lif2, … . Initial weights and biases depend only on seed, layer and position.
///
///     snn::Network network(spec, /*seed=*/1);
///     auto [spikes, membrane, layers] = network->forward(images, /*steps=*/25);
class NetworkImpl : public torch::nn::Cloneable<NetworkImpl> {
 public:
  /// Throws Error(kUsage) for a specification that check() refuses.
  explicit NetworkImpl(NetworkSpec spec, std::uint64_t seed = 1);

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  /// Runs every layer from rest. `input` is (T,B,...) or, if constant, (B,...); a sample may have
  /// any shape with the specification's number of values.
  NetworkOutput forward(const Sequence& input, const Pass& pass = {}, bool record_layers = false);

  /// Presents the same `input` (B,...) at each of `steps` steps.
  NetworkOutput forward(const torch::Tensor& input, std::int64_t steps, const Pass& pass = {});

  /// True if in training a sample's output depends on the other samples of its batch.
  bool needs_whole_batch() const;

  NetworkSpec spec;

 protected:
  /// The modules of a layer. A derived class may add operations that no specification describes.
  struct Layer {
    std::vector<std::shared_ptr<Synapse>> synapse;
    std::shared_ptr<Neuron> neuron;
  };

  std::vector<Layer> layers_;

 private:
  std::uint64_t seed_;
};
TORCH_MODULE(Network);

}  // namespace snn
