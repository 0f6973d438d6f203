#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "engine/fused/fused_network.h"
#include "engine/fused/layout.h"

namespace snn::fused {

using kernels::kBlock;
using kernels::kStepsPerWord;

// Calls work(piece, thread) -> sum of the squares of its gradients for every piece of weights;
// returns the norm of all gradients.
template <class Work>
double FusedNetwork::norm_of_pieces(const Work& work) {
  std::vector<double> squares(pieces().size());
  executor_.run(std::ssize(pieces()), [&](std::int64_t i, int thread) {
    squares[index(i)] = work(pieces()[index(i)], thread);
  });
  double total = std::accumulate(squares.begin(), squares.end(), 0.0);
  for (const Layer& layer : layers_) {
    for (const NeuronParameter& parameter : layer.parameters) {
      if (!parameter.is_learned) continue;
      const float* gradient = parameter.values[index(Kind::kGradient)].data();
      total += kernels_.sum_of_squares(kernels::padded(parameter.size), gradient);
    }
  }
  return std::sqrt(total);
}

double FusedNetwork::compute_gradients() {
  for (const WeightPiece& piece : pieces()) {
    Parameter& weights = layers_[piece.layer].synapses_of(piece.is_recurrent).weights;
    weights[index(Kind::kGradient)].reserve(weights[0].size());
  }
  return norm_of_pieces([&](const WeightPiece& piece, int thread) {
    Layer& layer = layers_[piece.layer];
    const std::int64_t width = lanes(layer, piece.block);
    const std::int64_t size = (piece.count + piece.has_bias) * width;
    float* gradient =
        weights_of(layer.synapses_of(piece.is_recurrent), Kind::kGradient, piece.block) +
        piece.first * width;
    float* computed = adds_gradients_ ? scratch(thread, size) : gradient;
    compute_gradient(piece, computed, thread);
    if (adds_gradients_) std::transform(computed, computed + size, gradient, gradient, std::plus());
    return kernels_.sum_of_squares(size, gradient);
  });
}

void FusedNetwork::write_gradients(const std::vector<float*>& to) {
  struct Target {
    float *weight = nullptr, *bias = nullptr;
  };
  std::vector<std::array<Target, 2>> targets;  // of the synapses and of the recurrent ones
  auto next = to.begin();
  const auto take = [&](const Synapses& synapses) {
    Target target;
    if (synapses.inputs == 0 || !synapses.is_learned) return target;
    target.weight = *next++;
    if (synapses.has_bias) target.bias = *next++;
    return target;
  };
  for (Layer& layer : layers_) {
    const Target of_synapses = take(layer.synapses);
    for (const NeuronParameter& parameter : layer.parameters) {
      if (!parameter.is_learned) continue;
      std::copy_n(parameter.values[index(Kind::kGradient)].data(), parameter.size, *next++);
    }
    targets.push_back({of_synapses, take(layer.recurrent)});
  }
  executor_.run(std::ssize(pieces()), [&](std::int64_t i, int thread) {
    const WeightPiece& piece = pieces()[index(i)];
    Layer& layer = layers_[piece.layer];
    const std::int64_t inputs = layer.synapses_of(piece.is_recurrent).inputs;
    const Target& target = targets[piece.layer][piece.is_recurrent ? 1 : 0];
    const int width = lanes(layer, piece.block);
    float* gradient = scratch(thread, (piece.count + piece.has_bias) * width);
    compute_gradient(piece, gradient, thread);
    copy_out(layer, piece.block, gradient, piece.count, target.weight + piece.first, inputs);
    if (!piece.has_bias || target.bias == nullptr) return;
    copy_out(layer, piece.block, gradient + piece.count * width, 1, target.bias, 1);
  });
}

double FusedNetwork::update(const kernels::UpdateRule& rule, bool has_gradients) {
  const bool is_adam = rule.formula == kernels::UpdateFormula::kAdam;
  const bool has_first = is_adam || rule.formula == kernels::UpdateFormula::kMomentum;
  for (const WeightPiece& piece : pieces()) {
    Parameter& weights = layers_[piece.layer].synapses_of(piece.is_recurrent).weights;
    if (has_first) weights[index(Kind::kFirstMoment)].reserve(weights[0].size());
    if (is_adam) weights[index(Kind::kSecondMoment)].reserve(weights[0].size());
  }
  const double norm = norm_of_pieces([&](const WeightPiece& piece, int thread) {
    const double squares = update(piece, rule, has_gradients, thread);
    transpose(piece);
    return squares;
  });
  for (Layer& layer : layers_) {
    if (layer.learns_neurons()) update_neurons(layer, rule);
  }
  return norm;
}

// Returns the sum of the squares of the piece's gradient.
double FusedNetwork::update(const WeightPiece& piece, const kernels::UpdateRule& rule,
                            bool has_gradients, int thread) {
  Layer& layer = layers_[piece.layer];
  Synapses& synapses = layer.synapses_of(piece.is_recurrent);
  const int width = lanes(layer, piece.block);
  const auto at = [&](Kind kind, std::int64_t row) {
    const bool is_there = synapses.weights[index(kind)].size() > 0;
    return is_there ? weights_of(synapses, kind, piece.block) + (piece.first + row) * width
                    : nullptr;
  };
  const auto update_rows = [&](std::int64_t row, std::int64_t count, const float* gradient) {
    kernels_.update(rule, count * width, gradient, at(Kind::kValue, row),
                    at(Kind::kFirstMoment, row), at(Kind::kSecondMoment, row));
    return kernels_.sum_of_squares(count * width, gradient);
  };
  const std::int64_t rows = piece.count + piece.has_bias;
  if (has_gradients) return update_rows(0, rows, at(Kind::kGradient, 0));
  if (piece.layer > 0 || piece.is_recurrent || input_.is_spikes) {
    float* gradient = scratch(thread, rows * width);
    compute_gradient(piece, gradient, thread);
    return update_rows(0, rows, gradient);
  }
  double squares = kernels_.rows_update(rule, width, input_.values.column_entries(),
                                        input_.values.column_offsets() + piece.first, piece.count,
                                        currents_of(0, piece.block, 0), at(Kind::kValue, 0),
                                        at(Kind::kFirstMoment, 0), at(Kind::kSecondMoment, 0));
  if (piece.has_bias) {
    float* gradient = scratch(thread, width);
    compute_bias_gradient(piece, gradient);
    squares += update_rows(piece.count, 1, gradient);
  }
  return squares;
}

void FusedNetwork::update_neurons(Layer& layer, const kernels::UpdateRule& rule) {
  for (NeuronParameter& parameter : layer.parameters) {
    if (!parameter.is_learned) continue;
    const auto data = [&](Kind kind) { return parameter.values[index(kind)].data(); };
    kernels_.update(rule, kernels::padded(parameter.size), data(Kind::kGradient),
                    data(Kind::kValue), data(Kind::kFirstMoment), data(Kind::kSecondMoment));
  }
  refresh(layer);
}

void FusedNetwork::limit_norms(double most) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    executor_.run(layer.blocks, [&](std::int64_t block, int) {
      const std::size_t width = index(lanes(layer, block));
      float* const weights = weights_of(layer.synapses, Kind::kValue, block);
      float* const end = weights + index(layer.synapses.inputs) * width;
      std::array<double, kBlock> squares{};
      for (const float* row = weights; row != end; row += width) {
        for (std::size_t n = 0; n < width; ++n) squares[n] += double{row[n]} * double{row[n]};
      }
      std::array<float, kBlock> factors{};
      std::ranges::transform(squares, factors.begin(), [&](double square) {
        const double norm = std::sqrt(square);
        return norm > most ? static_cast<float>(most / norm) : 1.0F;
      });
      for (float* row = weights; row != end; row += width) {
        for (std::size_t n = 0; n < width; ++n) row[n] *= factors[n];
      }
    });
    transpose(i, /*is_recurrent=*/false);
  }
}

template <class Visit>
void FusedNetwork::visit_averaged(const Visit& visit) {
  for (Layer& layer : layers_) {
    visit(layer.synapses.weights);
    if (layer.is_recurrent() && layer.recurrent.is_learned) visit(layer.recurrent.weights);
    for (NeuronParameter& parameter : layer.parameters) {
      if (parameter.is_learned) visit(parameter.values);
    }
  }
}

void FusedNetwork::update_averages(float share) {
  visit_averaged([&](Parameter& parameter) {
    constexpr std::int64_t kPiece = std::int64_t{1} << 14;
    const auto size = static_cast<std::int64_t>(parameter[index(Kind::kValue)].size());
    parameter[index(Kind::kAverage)].reserve(index(size));
    const float* values = parameter[index(Kind::kValue)].data();
    float* averages = parameter[index(Kind::kAverage)].data();
    executor_.run(pieces_of(size, kPiece), [&](std::int64_t piece, int) {
      const std::int64_t end = std::min(size, (piece + 1) * kPiece);
      for (std::int64_t i = piece * kPiece; i < end; ++i) {
        averages[i] = share == 1 ? values[i] : averages[i] + share * (values[i] - averages[i]);
      }
    });
  });
}

void FusedNetwork::swap_averages() {
  visit_averaged([](Parameter& parameter) {
    std::swap(parameter[index(Kind::kValue)], parameter[index(Kind::kAverage)]);
  });
  for (Layer& layer : layers_) refresh(layer);
}

void FusedNetwork::compute_gradient(const WeightPiece& piece, float* gradient, int thread) {
  Layer& layer = layers_[piece.layer];
  const int width = lanes(layer, piece.block);
  if (piece.layer == 0 && !piece.is_recurrent) {
    input_gradient(piece, gradient);
  } else {
    // Spikes come back one step later, and whatever dropout leaves of them for the next layer.
    const std::int64_t delay = piece.is_recurrent ? 1 : 0;
    const std::size_t index_before = piece.layer - (piece.is_recurrent ? 0 : 1);
    const Layer& before = layers_[index_before];
    const std::uint32_t* spikes =
        piece.is_recurrent ? before.words.data() : sent_words(index_before);
    const std::int64_t words = pieces_of(steps(), kStepsPerWord);
    const std::int64_t first_block = piece.first / kBlock;
    const std::int64_t blocks = pieces_of(piece.count, kBlock);
    std::fill_n(gradient, piece.count * width, 0.0F);
    for (std::int64_t sample = 0; sample < samples(); ++sample) {
      const float* currents = piece.is_recurrent ? driven_of(piece.layer, piece.block, sample)
                                                 : currents_of(piece.layer, piece.block, sample);
      kernels_.spikes_gradient(width, steps() - delay, currents + delay * width,
                               spikes + sample * words * before.padded + piece.first, before.padded,
                               before.active.data() + sample * before.padded + piece.first,
                               before.active_counts.data() + first_block * samples() + sample,
                               samples(), blocks, gradient, tables_[index(thread)].data());
    }
    if (!piece.is_recurrent && drops_input(piece.layer)) {
      const float scale = layer.dropout->scale();
      for (std::int64_t i = 0; i < piece.count * width; ++i) gradient[i] *= scale;
    }
  }
  if (piece.has_bias) compute_bias_gradient(piece, gradient + piece.count * width);
}

void FusedNetwork::compute_bias_gradient(const WeightPiece& piece, float* gradient) {
  Layer& layer = layers_[piece.layer];
  const int width = lanes(layer, piece.block);
  if (layer.synapses_of(piece.is_recurrent).has_bias) {
    const float* sums = layer.sums.data() + kCurrent * layer.padded + piece.block * kBlock;
    std::copy_n(sums, width, gradient);
  } else {
    std::fill_n(gradient, width, 0.0F);
  }
}

}  // namespace snn::fused
