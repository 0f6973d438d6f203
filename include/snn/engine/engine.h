#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "snn/data/batch.h"
#include "snn/engine/engine_options.h"
#include "snn/engine/evaluation.h"
#include "snn/engine/host_tensor.h"
#include "snn/network/activity.h"

namespace snn {

struct BatchResult {
  double loss = 0.0;           ///< mean over the batch, before the step
  std::int64_t correct = 0;    ///< samples decided right, before the step
  double gradient_norm = 0.0;  ///< of all parameters together, before clipping
};

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

}  // namespace snn
