#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "snn/data/batch.h"
#include "snn/engine/engine_options.h"
#include "snn/engine/evaluation.h"
#include "snn/engine/host_tensor.h"
#include "snn/engine/prepared_batch.h"
#include "snn/engine/side_work.h"
#include "snn/network/activity.h"

namespace snn {

/// Loss, accuracy and gradient norm of a training step, before its update.
struct BatchResult {
  double loss = 0.0;           ///< mean over the batch, without the regulariser
  std::int64_t correct = 0;    ///< samples classified correctly
  std::int64_t samples = 0;    ///< B
  double gradient_norm = 0.0;  ///< norm of the gradient of all parameters, before clipping
  double penalty = 0.0;        ///< the regulariser's; the gradient is that of loss + penalty

  /// True if loss and gradient are finite; otherwise the step has changed no parameter.
  bool is_finite() const { return std::isfinite(loss) && std::isfinite(gradient_norm); }
};

/// Trains and evaluates one network. It is the trainer's only access to tensors. The samples of a
/// batch must have the network's input shape and labels below its number of classes; other batches
/// are refused with Error(kUsage).
class Engine {
 public:
  virtual ~Engine() = default;

  /// The engine's name for output: "reference", "fused (avx2)".
  virtual std::string name() const = 0;

  /// Copies `batch` to `prepared` for a later step, reusing the memory of `prepared`. May be called
  /// while another thread is in train_batch() with another PreparedBatch.
  virtual void prepare(const Batch& batch, PreparedBatch& prepared) const = 0;

  /// Takes one optimiser step, see EngineOptions::micro_batch. A non-finite loss or gradient leaves
  /// the parameters unchanged, and the result reports it. `meanwhile` is done during the step: it
  /// reads and prepares the next batch. `batch` may be trained on again.
  virtual void train_batch(PreparedBatch& batch, double learning_rate,
                           const SideWork& meanwhile) = 0;
  /// The same for a batch that has not been prepared.
  virtual void train_batch(const Batch& batch, double learning_rate) = 0;

  /// The reports of the steps since the last call, in order. An engine on a device may have to wait
  /// for them here.
  virtual std::vector<BatchResult> take_results() = 0;

  /// Evaluates a batch, with the moving average of the parameters if the engine keeps one. The
  /// result is the same for any number of threads. `meanwhile` is done during the
  /// evaluation.
  virtual Evaluation evaluate(const Batch& batch, const SideWork& meanwhile) = 0;
  Evaluation evaluate(const Batch& batch) { return evaluate(batch, {}); }

  virtual EngineState export_state() const = 0;

  /// Restores a state from export_state(). Throws Error(kCheckpoint) naming the tensor if one is
  /// missing, unknown or of a different shape; the engine is then unchanged.
  virtual void import_state(const EngineState& state) = 0;

  /// Restores only weights and neuron parameters, to evaluate or fine-tune them: the optimiser is
  /// unchanged, moments and averages among `tensors` ("optimizer.…", "ema.…") are ignored, and an
  /// average of this engine begins anew with them. Throws as import_state() does.
  virtual void import_parameters(const HostTensors& tensors) = 0;
};

/// Builds the engine `kind` (for kAuto, the fastest that applies) with fresh weights: uniform in
/// ±1/sqrt(inputs), as PyTorch's Linear, fixed by seed and layer alone. Throws Error(kUsage) for
/// networks that the engine does not support and for an unavailable device. The reference engine
/// makes LibTorch run all later operations of the calling thread on that thread alone.
std::unique_ptr<Engine> make_engine(EngineKind kind, const EngineOptions& options);

/// Records the activity of each layer while the network of `options` with `parameters` processes
/// the single sample of `batch`, with the reference engine. Throws as make_engine() and
/// Engine::import_parameters() do.
std::vector<LayerActivity> record_activity(const EngineOptions& options,
                                           const HostTensors& parameters, const Batch& batch);

/// The reason why the fused engine does not support `options`, as the end of a sentence; empty if
/// it does.
std::string why_not_fused(const EngineOptions& options);

}  // namespace snn
