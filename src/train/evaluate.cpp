#include "snn/train/evaluate.h"

#include <algorithm>
#include <numeric>

#include "snn/data/batch.h"

namespace snn {
namespace {

// A fixed number, so that a network's score does not depend on the batch size it was trained with.
constexpr std::size_t kBatch = 1000;

std::int64_t samples(const Evaluation& evaluation) {
  return static_cast<std::int64_t>(evaluation.predictions.size());
}

}  // namespace

std::optional<Evaluation> evaluate(Engine& engine, const Dataset& dataset,
                                   std::span<const std::uint32_t> indices,
                                   const std::function<bool()>& stop_requested,
                                   const std::function<void(std::int64_t)>& progress) {
  Evaluation whole;
  Batch batch;
  while (!indices.empty()) {
    if (stop_requested && stop_requested()) return std::nullopt;
    const std::size_t count = std::min(kBatch, indices.size());
    gather(dataset, indices.first(count), batch);
    append(whole, engine.evaluate(batch));
    indices = indices.subspan(count);
    if (progress) progress(samples(whole));
  }
  return whole;
}

Score score(const Evaluation& evaluation, const Dataset& dataset,
            std::span<const std::uint32_t> indices) {
  std::int64_t correct = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    correct += evaluation.predictions[i] == dataset.labels[indices[i]] ? 1 : 0;
  }
  const auto total = static_cast<double>(indices.size());
  return {evaluation.loss_sum / total, static_cast<double>(correct) / total};
}

std::vector<double> spikes_per_neuron(const Evaluation& evaluation) {
  std::vector<double> rates;
  for (const auto& layer : evaluation.layer_spikes) {
    const auto sum = std::accumulate(layer.begin(), layer.end(), std::int64_t{0});
    rates.push_back(
        static_cast<double>(sum) /
        static_cast<double>(static_cast<std::int64_t>(layer.size()) * samples(evaluation)));
  }
  return rates;
}

std::vector<double> silent_fraction(const Evaluation& evaluation) {
  std::vector<double> shares;
  for (const auto& layer : evaluation.layer_spikes) {
    shares.push_back(static_cast<double>(std::count(layer.begin(), layer.end(), 0)) /
                     static_cast<double>(layer.size()));
  }
  return shares;
}

}  // namespace snn
