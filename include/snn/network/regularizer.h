#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "snn/text/names.h"

namespace at {
class Tensor;
}

namespace snn {

/// Penalties on the spikes of every layer, the last included, added to the loss in training. S are
/// a layer's spikes (T,B,N), without their signs; r (N) is the firing rate of each of its neurons,
/// the mean over time and batch. The layers' penalties are summed. For neurons without spikes, S is
/// their output. The derivative of |S| at 0 is 1: the gradient reaches neurons that do not spike.
enum class RegularizerKind {
  /// mean of S, the L1 norm of the rate
  kRate,
  /// mean over the neurons of max(0, low - r)^2 + max(0, r - high)^2, which wakes silent neurons as
  /// well as it calms busy ones: after G. Bellec et al., "Long short-term memory and learning-to-
  /// learn in networks of spiking neurons" (NeurIPS 2018), whose band has no width. It is one of
  /// the
  /// whole batch: a neuron may be silent for one sample and busy for another.
  kRateBand,
  /// the number of spikes per sample, which energy on spiking hardware is proportional to; 1/B of
  /// snnTorch's l1_rate_sparsity, which sums over the batch
  kSpikes,
};
template <>
struct Names<RegularizerKind> {
  static constexpr std::pair<RegularizerKind, std::string_view> table[] = {
      {RegularizerKind::kRate, "l1-rate"},
      {RegularizerKind::kRateBand, "rate-band"},
      {RegularizerKind::kSpikes, "spikes"}};
};

/// One term of a regulariser.
struct RegularizerTerm {
  RegularizerKind kind = RegularizerKind::kRate;
  std::array<double, 2> parameters = {0.0, 0.0};  ///< rate-band: low, high, in [0, 1]; others: 0
  double weight = 1.0;                            ///< positive; the factor of the term

  bool operator==(const RegularizerTerm&) const = default;
};

/// A weighted sum of penalties, written `0.1*rate-band:low=0.01,high=0.2 + 1e-6*spikes`, or `none`.
struct Regularizer {
  std::vector<RegularizerTerm> terms;

  bool operator==(const Regularizer&) const = default;
};

/// `none`, or `[WEIGHT*]name[:parameter=value[,parameter=value]]` joined by `+`; throws
/// Error(kUsage) that names the mistake, the term that has it and the valid choices.
Regularizer parse_regularizer(std::string_view text);

/// The text with every parameter stated; parse_regularizer() reads it back exactly.
std::string to_string(const Regularizer& regularizer);

/// True if a sample's share of the penalty depends on the other samples of its batch.
bool needs_whole_batch(const Regularizer& regularizer);

/// The penalty of a batch, a 0-dim tensor; `layer_spikes` are the spikes of each layer, (T,B,...)
/// of one floating dtype. Throws Error(kUsage) if there are none.
at::Tensor compute_regularizer(const Regularizer& regularizer,
                               const std::vector<at::Tensor>& layer_spikes);

}  // namespace snn
