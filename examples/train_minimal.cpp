// Trains a network with a custom loop and torch's optimiser: it learns which of two halves is lit.

#include <snn/snn.h>
#include <torch/torch.h>

#include <iostream>

int main() {
  // 8 inputs, 16 hidden neurons with a learnable decay, 2 classes.
  const snn::NetworkSpec spec{{8},
                              {{snn::LinearSpec{16}, snn::LeakyOptions(0.9).learn_beta(true)},
                               {snn::LinearSpec{2}, snn::LeakyOptions(0.9)}}};
  snn::Network network(spec, /*seed=*/1);
  std::cout << network << '\n';

  torch::manual_seed(1);
  torch::optim::Adam optimizer(network->parameters(), 1e-2);
  double accuracy = 0;
  for (int step = 0; step < 200; ++step) {
    const auto labels = torch::randint(2, {64}, torch::kLong);
    auto images = 0.3 * torch::rand({64, 8});
    images.view({64, 2, 4}).add_(torch::one_hot(labels, 2).unsqueeze(2) * 0.4);

    const auto output = network->forward(images, /*steps=*/10);
    const auto loss =
        snn::compute_loss(snn::Loss::ce_membrane(), output.spikes, output.membrane, labels);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    accuracy = snn::accuracy_rate(output.spikes, labels);
  }
  std::cout << "accuracy of the last batch: " << 100 * accuracy << " %\n";
  return accuracy > 0.9 ? 0 : 1;
}
