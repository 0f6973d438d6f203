#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/fused/fused_network.h"
#include "engine/fused/layout.h"

namespace snn::fused {

namespace {

// The penalty of a term for a layer, whose neurons' outputs have these sums over all of `count`
// samples and steps. Adds its derivatives with respect to a single output to `gradient`.
double add_penalty(const RegularizerTerm& term, const std::vector<double>& sums,
                   std::int64_t samples, std::int64_t steps, std::vector<double>& gradient) {
  const auto neurons = static_cast<double>(sums.size());
  const auto count = static_cast<double>(samples) * static_cast<double>(steps);
  double total = 0;
  const auto add = [&](std::size_t neuron, double value, double slope) {
    total += term.weight * value;
    gradient[neuron] += term.weight * slope;
  };
  for (std::size_t n = 0; n < sums.size(); ++n) {
    switch (term.kind) {
      case RegularizerKind::kRate:
        add(n, sums[n] / count / neurons, 1 / count / neurons);
        break;
      case RegularizerKind::kRateBand: {
        const double rate = sums[n] / count;
        const auto [low, high] = term.parameters;
        const double below = std::max(0.0, low - rate), above = std::max(0.0, rate - high);
        add(n, (below * below + above * above) / neurons, 2 * (above - below) / count / neurons);
        break;
      }
      case RegularizerKind::kSpikes:
        add(n, sums[n] / static_cast<double>(samples), 1 / static_cast<double>(samples));
        break;
    }
  }
  return total;
}

}  // namespace

// The sums of the outputs of a layer's neurons, without their signs.
std::vector<double> FusedNetwork::output_sums(std::size_t index_of_layer) const {
  const Layer& layer = layers_[index_of_layer];
  std::vector<double> sums(index(layer.outputs));
  if (layer.neurons.has_spikes) {
    std::vector<std::int64_t> counts;
    count_spikes(index_of_layer, counts);
    std::ranges::copy(counts, sums.begin());
    return sums;
  }
  for (std::int64_t row = 0; row < samples() * steps(); ++row) {
    const float* values = membrane_.data() + row * layer.padded;
    for (std::int64_t n = 0; n < layer.outputs; ++n) sums[index(n)] += std::abs(values[n]);
  }
  return sums;
}

double FusedNetwork::regularize(const Regularizer& regularizer, double share,
                                bool has_spikes_gradient) {
  double penalty = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const std::vector<double> sums = output_sums(i);
    std::vector<double> gradient(sums.size());
    for (const RegularizerTerm& term : regularizer.terms) {
      penalty += add_penalty(term, sums, samples(), steps(), gradient);
    }
    layer.of_rate.reserve(index(layer.padded));
    std::ranges::transform(gradient, layer.of_rate.data(),
                           [&](double each) { return static_cast<float>(share * each); });
  }
  ones_.reserve(index(steps()));
  std::fill_n(ones_.data(), steps(), 1.0F);

  const Layer& last = layers_.back();
  float* to = spikes_gradient();
  if (!has_spikes_gradient) std::fill_n(to, samples() * steps() * last.padded, 0.0F);
  executor_.run(parts(), [&](std::int64_t part, int) {
    const std::int64_t first = part * kPart * steps(),
                       end = std::min((part + 1) * kPart, samples()) * steps();
    for (std::int64_t row = first; row < end; ++row) {
      const float* outputs = spikes() + row * last.padded;
      for (std::int64_t n = 0; n < last.outputs; ++n) {
        const float slope = last.of_rate.data()[n];
        to[row * last.padded + n] += outputs[n] < 0 ? -slope : slope;
      }
    }
  });
  return share * penalty;
}

}  // namespace snn::fused
