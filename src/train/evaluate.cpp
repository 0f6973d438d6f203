#include "snn/train/evaluate.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "snn/data/loader.h"
#include "train/next_batch.h"

namespace snn {
namespace {

// A fixed batch size keeps a network's score independent of the batch size of its training.
constexpr std::int64_t kBatch = 1000;

std::int64_t samples(const Evaluation& evaluation) {
  return static_cast<std::int64_t>(evaluation.predictions.size());
}

// The share of the samples for which is_right(i, label).
template <class IsRight>
double share_of_right(const IsRight& is_right, const Dataset& dataset,
                      std::span<const std::uint32_t> indices) {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    right += is_right(i, dataset.labels[indices[i]]) ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(indices.size());
}

}  // namespace

std::optional<Evaluation> evaluate(Engine& engine, const Dataset& dataset,
                                   std::span<const std::uint32_t> indices,
                                   const InputOptions& input,
                                   const std::function<bool()>& stop_requested,
                                   const std::function<void(std::int64_t)>& progress) {
  const DatasetSource source(dataset);
  const Loader loader(source, {indices.begin(), indices.end()}, kBatch, input);
  Evaluation whole;
  Batch batch, next;
  if (loader.batches() > 0) loader.load(0, batch);
  for (std::int64_t i = 0; i < loader.batches(); ++i) {
    if (stop_requested && stop_requested()) return std::nullopt;
    append(whole, engine.evaluate(batch, loading(loader, i + 1, next)));
    std::swap(batch, next);
    if (progress) progress(samples(whole));
  }
  return whole;
}

Score score(const Evaluation& evaluation, const Dataset& dataset,
            std::span<const std::uint32_t> indices, const Config& config) {
  const auto of_sample = [&](std::size_t i, std::int64_t label) {
    return evaluation.predictions[i] == label;
  };
  Score score{evaluation.loss_sum / static_cast<double>(indices.size()),
              share_of_right(of_sample, dataset, indices)};
  if (evaluation.spike_counts.empty()) return score;
  score.count_accuracy = accuracy(evaluation, Decision::kCount, dataset, indices);
  if (config.top_k > 0) {
    const auto is_among_top = [&](std::size_t i, std::int64_t label) {
      return rank_of(config.decision, evaluation.outputs_of(i), label) < config.top_k;
    };
    score.top_k_accuracy = share_of_right(is_among_top, dataset, indices);
  }
  score.ties = 0;
  if (evaluation.has_output_spikes) score.without_spikes = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto counts = evaluation.counts_of(i);
    if (tied_classes(counts) > 1) ++*score.ties;
    const bool is_silent = std::ranges::all_of(counts, [](float count) { return count == 0; });
    if (score.without_spikes && is_silent) ++*score.without_spikes;
  }
  return score;
}

double accuracy(const Evaluation& evaluation, Decision decision, const Dataset& dataset,
                std::span<const std::uint32_t> indices) {
  const auto of_sample = [&](std::size_t i, std::int64_t label) {
    return decide(decision, evaluation.outputs_of(i)) == label;
  };
  return share_of_right(of_sample, dataset, indices);
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
