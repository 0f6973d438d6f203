#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "snn/network/decision.h"
#include "snn/text/names.h"

namespace at {
class Tensor;
}

namespace snn {

/// The training objectives. S are the output spikes and U the output membrane, (T,B,C); y the
/// labels; t the step, from 0, of a class's first spike, or T-1 without one. Each is a mean over
/// the batch; squared errors are also averaged over the classes. Rate, count and latency as codes
/// of an output: J. K. Eshraghian et al., "Training spiking neural networks using lessons from deep
/// learning" (Proceedings of the IEEE 111, 2023), section IV.
enum class LossKind {
  kCeMembrane,     ///< sum over t of CE(U[t], y)                        snnTorch tutorial 5
  kCeRate,         ///< mean over t of CE(S[t], y)                       ce_rate_loss
  kCeCount,        ///< CE(sum over t of S, y)                           ce_count_loss
  kCeMaxMembrane,  ///< CE(max over t of U, y)                           ce_max_membrane_loss
  kCeSumMembrane,  ///< CE(sum over t of U, y)
  kCeMeanSoftmax,  ///< -log of the mean over t of softmax(U[t])[y]
  kCeTemporal,     ///< CE(-t, y); inverse reciprocal: CE(1/(t+1), y)    ce_temporal_loss
  kMseCount,       ///< (sum over t of S - n)^2 / T; n: floor(T correct) mse_count_loss
                   ///< for class y, floor(T incorrect) for the others
  kMseRate,        ///< (mean over t of S - r)^2; r: correct for class y,
                   ///< incorrect for the others
  kMseMembrane,    ///< mean over t of (U[t] - u)^2; u: on for class y,  mse_membrane_loss
                   ///< off for the others
  kMseTemporal,    ///< ((t - s)/T)^2, 0 where |t - s| < tolerance; s:   mse_temporal_loss
                   ///< on for class y, off for the others, negative ones
                   ///< counted from T
};
template <>
struct Names<LossKind> {
  static constexpr std::pair<LossKind, std::string_view> table[] = {
      {LossKind::kCeMembrane, "ce-membrane"},
      {LossKind::kCeRate, "ce-rate"},
      {LossKind::kCeCount, "ce-count"},
      {LossKind::kCeMaxMembrane, "ce-max-membrane"},
      {LossKind::kCeSumMembrane, "ce-sum-membrane"},
      {LossKind::kCeMeanSoftmax, "ce-mean-softmax"},
      {LossKind::kCeTemporal, "ce-temporal"},
      {LossKind::kMseCount, "mse-count"},
      {LossKind::kMseRate, "mse-rate"},
      {LossKind::kMseMembrane, "mse-membrane"},
      {LossKind::kMseTemporal, "mse-temporal"}};
};

/// True if a loss is one of the membrane (and its gradient the membrane's), not of the spikes.
constexpr bool reads_membrane(LossKind kind) {
  return kind == LossKind::kCeMembrane || kind == LossKind::kCeMaxMembrane ||
         kind == LossKind::kCeSumMembrane || kind == LossKind::kCeMeanSoftmax ||
         kind == LossKind::kMseMembrane;
}

/// True if a loss is one of the step of the first spike. The gradient of that step is snnTorch's:
/// dL/dS = -dL/dt at step t of the neuron, 0 at the others, as if a spike more came one step
/// earlier; a silent neuron gets it at step T-1.
constexpr bool reads_first_spikes(LossKind kind) {
  return kind == LossKind::kCeTemporal || kind == LossKind::kMseTemporal;
}

/// True if a loss is given the sum of a class's outputs, false if it is given their mean (Classes).
constexpr bool adds_population(LossKind kind) {
  return kind == LossKind::kCeCount || kind == LossKind::kMseCount || reads_first_spikes(kind);
}

/// One term of a loss.
struct LossTerm {
  LossKind kind = LossKind::kCeMembrane;
  /// mse-count and mse-rate: correct, incorrect, the shares of steps in which a class should spike,
  /// in [0, 1]; mse-membrane: on, off; mse-temporal: on, off, tolerance, in steps; ce-temporal:
  /// inverse, 0: negate, 1: reciprocal. Others: 0.
  std::array<double, 3> parameters = {0.0, 0.0, 0.0};
  /// Of a cross-entropy, in [0, 1): the share of the target that is spread evenly over all classes.
  /// C. Szegedy et al., "Rethinking the Inception architecture for computer vision" (CVPR 2016).
  double smoothing = 0.0;
  double weight = 1.0;  ///< positive; the factor of the term

  bool operator==(const LossTerm&) const = default;
};

/// A weighted sum of losses, written `ce-rate + 0.1*mse-count:correct=0.8,incorrect=0.2`;
/// parameters that are left out are default.
struct Loss {
  std::vector<LossTerm> terms = {LossTerm{}};

  static Loss ce_membrane(double smoothing = 0.0) {
    return of({LossKind::kCeMembrane, {}, smoothing});
  }
  static Loss ce_rate(double smoothing = 0.0) { return of({LossKind::kCeRate, {}, smoothing}); }
  static Loss ce_count(double smoothing = 0.0) { return of({LossKind::kCeCount, {}, smoothing}); }
  static Loss ce_max_membrane(double smoothing = 0.0) {
    return of({LossKind::kCeMaxMembrane, {}, smoothing});
  }
  static Loss ce_sum_membrane(double smoothing = 0.0) {
    return of({LossKind::kCeSumMembrane, {}, smoothing});
  }
  static Loss ce_mean_softmax(double smoothing = 0.0) {
    return of({LossKind::kCeMeanSoftmax, {}, smoothing});
  }
  static Loss ce_temporal(bool is_reciprocal = false, double smoothing = 0.0) {
    return of({LossKind::kCeTemporal, {is_reciprocal ? 1.0 : 0.0}, smoothing});
  }
  static Loss mse_count(double correct = 1.0, double incorrect = 0.0) {
    return of({LossKind::kMseCount, {correct, incorrect}});
  }
  static Loss mse_rate(double correct = 1.0, double incorrect = 0.0) {
    return of({LossKind::kMseRate, {correct, incorrect}});
  }
  static Loss mse_membrane(double on = 1.0, double off = 0.0) {
    return of({LossKind::kMseMembrane, {on, off}});
  }
  static Loss mse_temporal(double on = 0.0, double off = -1.0, double tolerance = 0.0) {
    return of({LossKind::kMseTemporal, {on, off, tolerance}});
  }

  bool operator==(const Loss&) const = default;

 private:
  static Loss of(const LossTerm& term) { return {{term}}; }
};

/// `Loss::ce_rate() + 0.1 * Loss::mse_count(0.8)`
Loss operator+(Loss left, const Loss& right);
Loss operator*(double weight, Loss loss);

/// `[WEIGHT*]name[:parameter=value[,parameter=value]]`, joined by `+`; throws Error(kUsage) that
/// names the mistake, the term that has it and the valid choices.
Loss parse_loss(std::string_view text);

/// The text with every parameter stated, apart from a smoothing of 0; parse_loss() reads it back
/// exactly.
std::string to_string(const Loss& loss);

/// How the outputs of a network stand for classes, and what these weigh.
struct Classes {
  /// Population code: the number of outputs of each class. Class c has the outputs c population to
  /// c population + population - 1, and a network of N outputs has N / population classes. A loss
  /// sees each class's sum (counts and first spikes; rates of mse-count are per output) or mean
  /// (rates and membranes) of its outputs.
  std::int64_t population = 1;
  /// (C), none negative; empty: all 1. The loss of a sample is multiplied by the weight of its
  /// label and averaged over the batch, as by snnTorch's `weight`. Its temporal losses, and
  /// PyTorch's CrossEntropyLoss, divide by the sum of the labels' weights instead, which makes a
  /// sample's gradient depend on the rest of its batch; its squared errors apply the weights to the
  /// wrong axis.
  std::vector<double> weights;

  bool operator==(const Classes&) const = default;
};

/// The number of classes of `outputs` outputs. Throws Error(kUsage) if they are not whole
/// populations, or if there are weights, but not one for each class.
std::int64_t class_count(const Classes& classes, std::int64_t outputs);

/// The loss of a batch, a 0-dim tensor. `spikes` and `membrane` are (T,B,N) of one floating dtype,
/// for N outputs of C classes; `targets` (B) int64 in 0 … C-1.
at::Tensor compute_loss(const Loss& loss, const at::Tensor& spikes, const at::Tensor& membrane,
                        const at::Tensor& targets, const Classes& classes = {});

/// The step, from 0, of each neuron's first spike, T-1 without one: (T,B,N) -> (B,N) in the dtype
/// of `spikes`. Its gradient: see reads_first_spikes().
at::Tensor first_spike_times(const at::Tensor& spikes);

/// The sum of each class's `population` outputs: (T,B,N) -> (T,B,C).
at::Tensor sum_population(const at::Tensor& values, std::int64_t population);

/// The class with the most spikes for each sample, the lowest class in a tie: (T,B,C) -> (B) int64.
at::Tensor predict(const at::Tensor& spikes);

/// The class of each sample by `decision`, as decide() computes it from the sums of each class's
/// outputs: spikes and membrane (T,B,N) -> (B) int64.
at::Tensor predict(const at::Tensor& spikes, const at::Tensor& membrane,
                   Decision decision = Decision::kCountMembrane, std::int64_t population = 1);

/// The share of samples whose target has the most spikes; ties go to the lowest class (snnTorch
/// accuracy_rate, with population > 1 its population_code).
double accuracy_rate(const at::Tensor& spikes, const at::Tensor& targets,
                     std::int64_t population = 1);

/// The share of samples whose target is the first to spike; ties go to the lowest class (snnTorch
/// accuracy_temporal).
double accuracy_temporal(const at::Tensor& spikes, const at::Tensor& targets);

}  // namespace snn
