#include "snn/engine/evaluation.h"

namespace snn {

void append(Evaluation& whole, const Evaluation& part) {
  whole.loss_sum += part.loss_sum;
  whole.predictions.insert(whole.predictions.end(), part.predictions.begin(),
                           part.predictions.end());
  whole.spike_counts.insert(whole.spike_counts.end(), part.spike_counts.begin(),
                            part.spike_counts.end());
  whole.membrane_sums.insert(whole.membrane_sums.end(), part.membrane_sums.begin(),
                             part.membrane_sums.end());
  whole.first_spikes.insert(whole.first_spikes.end(), part.first_spikes.begin(),
                            part.first_spikes.end());
  whole.has_output_spikes = part.has_output_spikes;
  whole.layer_spikes.resize(part.layer_spikes.size());
  for (std::size_t layer = 0; layer < part.layer_spikes.size(); ++layer) {
    auto& sums = whole.layer_spikes[layer];
    sums.resize(part.layer_spikes[layer].size());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += part.layer_spikes[layer][i];
  }
}

}  // namespace snn
