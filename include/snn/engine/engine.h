#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "snn/data/batch.h"
#include "snn/engine/engine_options.h"
#include "snn/engine/evaluation.h"
#include "snn/engine/host_tensor.h"
#include "snn/engine/prepared_batch.h"
#include "snn/network/activity.h"

namespace snn {

/// What a step of training came to, before its update.
struct BatchResult {
  double loss = 0.0;           ///< mean over the batch
  std::int64_t correct = 0;    ///< samples decided right
  std::int64_t samples = 0;    ///< B
  double gradient_norm = 0.0;  ///< of all parameters together, before clipping

  /// Whether loss and gradient are finite; if not, the step has changed no parameter.
  bool is_finite() const { return std::isfinite(loss) && std::isfinite(gradient_norm); }
};

/// Trains and evaluates one network. The trainer knows nothing else of tensors.
/// A batch must have samples of the network's input and labels below its number of classes; one
/// that does not is refused with Error(kUsage).
class Engine {
 public:
  virtual ~Engine() = default;

  /// "reference", "fused (avx2)".
  virtual std::string name() const = 0;

  /// Copies `batch` to `prepared`, for a step to come. Memory that `prepared` already has is used
  /// again. May be called while another thread is in train_batch() with another PreparedBatch.
  virtual void prepare(const Batch& batch, PreparedBatch& prepared) const = 0;

  /// One optimiser step. A loss or gradient that is not finite leaves the parameters as they were;
  /// the result then says so. `meanwhile`, if there is one, is called once during the step, on any
  /// thread: to read and prepare the next batch. `batch` may be trained on again.
  virtual void train_batch(PreparedBatch& batch, double learning_rate,
                           const std::function<void()>& meanwhile) = 0;
  /// The same with a batch that was not prepared.
  virtual void train_batch(const Batch& batch, double learning_rate) = 0;

  /// What the steps since the last call came to, in their order. An engine on a device may have to
  /// wait for it here.
  virtual std::vector<BatchResult> take_results() = 0;

  /// The network's answer to a batch. It is the same for any number of threads.
  virtual Evaluation evaluate(const Batch& batch) = 0;

  virtual EngineState export_state() const = 0;

  /// Takes what export_state() gave. Throws Error(kCheckpoint) naming the tensor when one is
  /// missing, unknown, or of another shape; nothing has changed then.
  virtual void import_state(const EngineState& state) = 0;

  /// Takes weights and neuron parameters alone, to evaluate or to train them further: the optimiser
  /// stays as it is, and moments among `tensors` ("optimizer.…") are passed over. Throws as
  /// import_state().
  virtual void import_parameters(const HostTensors& tensors) = 0;
};

/// Builds the engine `kind` (for kAuto, the fastest that applies) with fresh weights: uniform in
/// ±1/sqrt(inputs), as PyTorch's Linear, fixed by seed and layer alone. Throws Error(kUsage) for
/// what the engine does not compute, and on a device that is not there. From then on LibTorch runs
/// the operations of the calling thread on that thread alone where the reference engine is used.
std::unique_ptr<Engine> make_engine(EngineKind kind, const EngineOptions& options);

/// The activity of each layer while the network of `options` with `parameters` answers the one
/// sample of `batch`, by the reference engine. Throws as make_engine() and
/// Engine::import_parameters().
std::vector<LayerActivity> record_activity(const EngineOptions& options,
                                           const HostTensors& parameters, const Batch& batch);

/// Why the fused engine does not compute this, as the end of a sentence; empty if it does.
std::string why_not_fused(const EngineOptions& options);

}  // namespace snn
