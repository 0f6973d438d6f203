#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "snn/data/batch.h"
#include "snn/kernels/simd.h"
#include "snn/network/activity.h"
#include "snn/network/decision.h"
#include "snn/network/loss.h"
#include "snn/network/network_spec.h"
#include "snn/text/names.h"

namespace snn {

/// What computes a network: the same meaning, at different speeds.
enum class EngineKind {
  kAuto,       ///< the fastest that covers the network and the device
  kReference,  ///< one step at a time in tensor operations: the definition of what is right
  kFused,      ///< all steps of a block of neurons in one go, on a CPU
};
template <>
struct Names<EngineKind> {
  static constexpr std::pair<EngineKind, std::string_view> table[] = {
      {EngineKind::kAuto, "auto"},
      {EngineKind::kReference, "reference"},
      {EngineKind::kFused, "fused"}};
};

enum class OptimizerKind { kAdam, kAdamW, kSgd };
template <>
struct Names<OptimizerKind> {
  static constexpr std::pair<OptimizerKind, std::string_view> table[] = {
      {OptimizerKind::kAdam, "adam"},
      {OptimizerKind::kAdamW, "adamw"},
      {OptimizerKind::kSgd, "sgd"}};
};

/// How gradients change parameters, with PyTorch's formulas and its other defaults.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double momentum = 0.0;        ///< sgd only
  double weight_decay = 0.0;    ///< added to the gradient; adamw: decoupled
  double clip_grad_norm = 0.0;  ///< gradients are scaled down to this norm; 0: never
};

struct EngineOptions {
  NetworkSpec network;
  std::int64_t steps = 25;  ///< T
  Loss loss;
  Decision decision = Decision::kCountMembrane;
  OptimizerOptions optimizer;
  std::uint64_t seed = 1;      ///< of the initial weights
  std::string device = "cpu";  ///< "cpu", "cuda" or "cuda:N"
  int threads = 1;             ///< CPU threads
  Simd simd = Simd::kAuto;     ///< of the fused engine
};

/// A tensor in host memory, row-major. Scalars have an empty shape.
struct HostTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  bool operator==(const HostTensor&) const = default;
};
using HostTensors = std::map<std::string, HostTensor>;

/// All that an engine has learned, by name: model tensors by snnTorch's state_dict names
/// ("fc1.weight", "lif1.beta"), the optimiser's moments as "optimizer.MOMENT.PARAMETER".
struct EngineState {
  HostTensors tensors;
  std::int64_t step = 0;  ///< optimiser steps taken; Adam's bias correction needs it
};

struct BatchResult {
  double loss = 0.0;           ///< mean over the batch, before the step
  std::int64_t correct = 0;    ///< samples decided right, before the step
  double gradient_norm = 0.0;  ///< of all parameters together, before clipping
};

struct Evaluation {
  double loss_sum = 0.0;                  ///< of the samples' losses
  std::vector<std::int64_t> predictions;  ///< (B) by the engine's decision
  /// (B,C) sums over time of the output spikes, and of the output neurons' membranes; of relu
  /// neurons both are those of the logits.
  std::vector<float> spike_counts, membrane_sums;
  bool has_output_spikes = true;  ///< whether spike_counts are those of spikes, not logits
  /// For each layer, for each neuron, the number of its spikes over batch and time; of a relu
  /// neuron, how often it was above 0.
  std::vector<std::vector<std::int64_t>> layer_spikes;

  /// Those of sample `index`, (C).
  std::span<const float> counts_of(std::size_t index) const { return row(spike_counts, index); }
  std::span<const float> membranes_of(std::size_t index) const { return row(membrane_sums, index); }

 private:
  std::span<const float> row(const std::vector<float>& all, std::size_t index) const {
    const std::size_t classes = all.size() / predictions.size();
    return std::span(all).subspan(index * classes, classes);
  }
};

/// Adds the samples of `part` after those of `whole`.
void append(Evaluation& whole, const Evaluation& part);

/// Called once while a step is computed, on any thread: prepares the batch of the next step and
/// returns it, or null if there is none. The batch must stay as it is until that step.
using NextBatch = std::function<const Batch*()>;

/// Trains and evaluates one network. The trainer knows nothing else of tensors.
/// A batch must have samples of the network's input and labels below its number of classes; one
/// that does not is refused with Error(kUsage).
class Engine {
 public:
  virtual ~Engine() = default;

  /// "reference", "fused (avx2)".
  virtual std::string name() const = 0;

  /// One optimiser step. A loss or gradient that is not finite leaves the parameters as they were;
  /// the result then says so. `next`, if there is one, prepares the next batch meanwhile.
  virtual BatchResult train_batch(const Batch& batch, double learning_rate,
                                  const NextBatch& next) = 0;
  BatchResult train_batch(const Batch& batch, double learning_rate) {
    return train_batch(batch, learning_rate, {});
  }

  /// The network's answer to a batch. It is the same for any number of threads.
  virtual Evaluation evaluate(const Batch& batch) = 0;

  virtual EngineState export_state() const = 0;

  /// Takes what export_state() gave. Throws Error(kCheckpoint) naming the tensor when one is
  /// missing, unknown, or of another shape.
  virtual void import_state(const EngineState& state) = 0;
};

/// Builds the engine `kind` (for kAuto, the fastest that applies) with fresh weights: uniform in
/// ±1/sqrt(inputs), as PyTorch's Linear, fixed by seed and layer alone. Throws Error(kUsage) for
/// what the engine does not compute, and on a device that is not there. From then on LibTorch runs
/// the operations of the calling thread on that thread alone where the reference engine is used.
std::unique_ptr<Engine> make_engine(EngineKind kind, const EngineOptions& options);

/// The activity of each layer while the network of `options` with `state` answers the one sample of
/// `batch`, by the reference engine. Throws as make_engine() and Engine::import_state().
std::vector<LayerActivity> record_activity(const EngineOptions& options, const EngineState& state,
                                           const Batch& batch);

/// Why the fused engine does not compute this, as the end of a sentence; empty if it does.
std::string why_not_fused(const EngineOptions& options);

/// "auto" becomes "cuda" where LibTorch and the machine have it, else "cpu"; others are checked.
/// Throws Error(kUsage) for a device that LibTorch or the machine does not have.
std::string resolve_device(const std::string& device);

/// The version of the LibTorch in use, "1.13.1".
std::string libtorch_version();

}  // namespace snn
