// Runs a small network with an installed snn.
#include <torch/torch.h>

#include <iostream>

#include "snn/network/network.h"

int main() {
  snn::NetworkSpec spec;
  spec.sample_shape = {1, 2, 2};
  spec.layers = {{snn::LinearSpec{3}, snn::LeakyOptions{}},
                 {snn::LinearSpec{2}, snn::LeakyOptions{}}};
  snn::Network network(spec);

  const auto output = network->forward(torch::ones({5, 1, 2, 2}), /*steps=*/7);
  std::cout << network << '\n' << "spikes " << output.spikes.sizes() << '\n';
  return output.spikes.sizes() == torch::IntArrayRef({7, 5, 2}) ? 0 : 1;
}
