#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/engine/engine.h"
#include "snn/train/config.h"
#include "snn/train/metrics.h"

namespace snn {

/// Evaluates the samples of `dataset` at `indices`, in that order, as `input` makes them the
/// network's input. `stop_requested` is called between batches; if it returns true, the result is
/// empty. `progress` is called after each batch with the number of evaluated samples.
std::optional<Evaluation> evaluate(Engine& engine, const Dataset& dataset,
                                   std::span<const std::uint32_t> indices,
                                   const InputOptions& input,
                                   const std::function<bool()>& stop_requested = {},
                                   const std::function<void(std::int64_t)>& progress = {});

/// Loss and accuracy of an evaluation of these samples; with `top-k` in `config`, also the accuracy
/// among so many.
Score score(const Evaluation& evaluation, const Dataset& dataset,
            std::span<const std::uint32_t> indices, const Config& config = {});

/// The accuracy of these samples by `decision`, independent of the engine's own decision; share of
/// 1.
double accuracy(const Evaluation& evaluation, Decision decision, const Dataset& dataset,
                std::span<const std::uint32_t> indices);

/// For each layer, the spikes per neuron and sample.
std::vector<double> spikes_per_neuron(const Evaluation& evaluation);

/// For each layer, the share of neurons that never spiked.
std::vector<double> silent_fraction(const Evaluation& evaluation);

}  // namespace snn
