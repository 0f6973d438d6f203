#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "snn/kernels/simd.h"
#include "snn/network/decision.h"
#include "snn/network/loss.h"
#include "snn/network/network_spec.h"
#include "snn/network/regularizer.h"
#include "snn/text/names.h"

namespace snn {

/// The implementation that computes a network: same semantics, different speed.
enum class EngineKind {
  kAuto,       ///< the fastest that supports the network and the device
  kReference,  ///< one step at a time in tensor operations; defines the correct result
  kFused,      ///< all steps of a block of neurons in one pass, on a CPU
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

/// The optimiser, with PyTorch's formulas and its other defaults. Adam: D. P. Kingma and J. Ba,
/// "Adam: A method for stochastic optimization" (ICLR 2015); AdamW: I. Loshchilov and F. Hutter,
/// "Decoupled weight decay regularization" (ICLR 2019); clipping by the norm: R. Pascanu,
/// T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks" (ICML 2013).
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double momentum = 0.0;        ///< sgd only
  double weight_decay = 0.0;    ///< added to the gradient; adamw: decoupled
  double clip_grad_norm = 0.0;  ///< clips the global gradient norm; 0: off
  /// After each step the weights of each neuron's linear synapses, its bias not among them, are
  /// scaled down to this Euclidean norm if theirs is larger (N. Srivastava et al., "Dropout", JMLR
  /// 15, 2014, section 5.1); 0: off.
  double max_norm = 0.0;
  /// Decay of an exponential moving average of every learned parameter, which evaluations use; 0:
  /// none. After step n average += (1 - d) (parameter - average) with d = min(ema, (1 + n) / (10 +
  /// n)), as TensorFlow's ExponentialMovingAverage with num_updates: the first steps do not weigh
  /// for long.
  double ema = 0.0;
};

class Communicator;

/// The configuration of an engine.
struct EngineOptions {
  NetworkSpec network;
  std::int64_t steps = 25;  ///< T
  Loss loss;
  Classes classes;          ///< the code of the classes in the network's outputs
  Regularizer regularizer;  ///< added to the loss in training; evaluations have none
  Decision decision = Decision::kCountMembrane;
  OptimizerOptions optimizer;  ///< unused in evaluation
  /// Samples of a batch that a training step computes at once; it accumulates the gradients of a
  /// larger batch over such micro-batches and then takes one step. 0: all.
  std::int64_t micro_batch = 0;
  std::int64_t tbptt = 0;      ///< Pass::window of training steps
  std::uint64_t seed = 1;      ///< random seed of initial weights and dropout
  std::string device = "cpu";  ///< "cpu", "cuda" or "cuda:N"
  int threads = 1;             ///< CPU threads
  Simd simd = Simd::kAuto;     ///< instruction set of the fused engine
  /// Called between gradients and update (communicator.h); null: no other ranks. It must outlive
  /// the engine.
  Communicator* communicator = nullptr;
};

}  // namespace snn
