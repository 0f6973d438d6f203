#pragma once

#include <array>
#include <string>
#include <string_view>

#include "snn/network/decision.h"
#include "snn/text/names.h"

namespace at {
class Tensor;
}

namespace snn {

/// The training objectives. S are the output spikes and U the output membrane, (T,B,C); y the
/// labels. Each is a mean over the batch; squared errors are also averaged over the classes.
enum class LossKind {
  kCeMembrane,     ///< sum over t of CE(U[t], y)                        snnTorch tutorial 5
  kCeRate,         ///< mean over t of CE(S[t], y)                       ce_rate_loss
  kCeCount,        ///< CE(sum over t of S, y)                           ce_count_loss
  kCeMaxMembrane,  ///< CE(max over t of U, y)                           ce_max_membrane_loss
  kMseCount,       ///< (sum over t of S - n)^2 / T; n: floor(T correct) mse_count_loss
                   ///< for class y, floor(T incorrect) for the others
  kMseMembrane,    ///< mean over t of (U[t] - u)^2; u: on for class y,  mse_membrane_loss
                   ///< off for the others
};
template <>
struct Names<LossKind> {
  static constexpr std::pair<LossKind, std::string_view> table[] = {
      {LossKind::kCeMembrane, "ce-membrane"}, {LossKind::kCeRate, "ce-rate"},
      {LossKind::kCeCount, "ce-count"},       {LossKind::kCeMaxMembrane, "ce-max-membrane"},
      {LossKind::kMseCount, "mse-count"},     {LossKind::kMseMembrane, "mse-membrane"}};
};

/// A loss and its parameters; written `mse-count:correct=0.8,incorrect=0.2` or, with the defaults,
/// `mse-count`.
struct Loss {
  LossKind kind = LossKind::kCeMembrane;
  /// mse-count: correct, incorrect, the shares of steps in which a class should spike, in [0, 1];
  /// mse-membrane: on, off. Other losses: 0.
  std::array<double, 2> parameters = {0.0, 0.0};

  static Loss ce_membrane() { return {LossKind::kCeMembrane, {}}; }
  static Loss ce_rate() { return {LossKind::kCeRate, {}}; }
  static Loss ce_count() { return {LossKind::kCeCount, {}}; }
  static Loss ce_max_membrane() { return {LossKind::kCeMaxMembrane, {}}; }
  static Loss mse_count(double correct = 1.0, double incorrect = 0.0) {
    return {LossKind::kMseCount, {correct, incorrect}};
  }
  static Loss mse_membrane(double on = 1.0, double off = 0.0) {
    return {LossKind::kMseMembrane, {on, off}};
  }

  bool operator==(const Loss&) const = default;
};

/// `name[:parameter=value[,parameter=value]]`; throws Error(kUsage) that names the mistake and the
/// valid choices.
Loss parse_loss(std::string_view text);

/// The text with every parameter stated; parse_loss() reads it back exactly.
std::string to_string(const Loss& loss);

/// The loss of a batch, a 0-dim tensor. `spikes` and `membrane` are (T,B,C) of one floating dtype,
/// `targets` (B) int64 in 0 … C-1.
at::Tensor compute_loss(const Loss& loss, const at::Tensor& spikes, const at::Tensor& membrane,
                        const at::Tensor& targets);

/// The class with the most spikes for each sample, the lowest class in a tie: (T,B,C) -> (B) int64.
at::Tensor predict(const at::Tensor& spikes);

/// The class of each sample by `decision`, as decide() computes it: spikes and membrane (T,B,C) ->
/// (B) int64.
at::Tensor predict(const at::Tensor& spikes, const at::Tensor& membrane,
                   Decision decision = Decision::kCountMembrane);

/// The share of samples whose target has the most spikes; ties go to the lowest class (snnTorch
/// accuracy_rate).
double accuracy_rate(const at::Tensor& spikes, const at::Tensor& targets);

}  // namespace snn
