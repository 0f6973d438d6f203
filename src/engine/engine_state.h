#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "snn/engine/host_tensor.h"

namespace snn {

/// The prefix of a moment's name in a checkpoint: "optimizer.exp_avg.fc1.weight".
inline constexpr const char* kMomentPrefix = "optimizer.";
/// The prefix of a moving average's: "ema.fc1.weight".
inline constexpr const char* kAveragePrefix = "ema.";

/// d of OptimizerOptions::ema after `step` steps.
double average_decay(double ema, std::int64_t step);

/// A tensor of an engine's state, with functions that copy its values, row-major, out and in.
struct StateTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::function<void(float* to)> read;
  std::function<void(const float* from)> write;
};

/// The number of values of a tensor of that shape.
std::size_t value_count(const std::vector<std::int64_t>& shape);

HostTensors export_tensors(const std::vector<StateTensor>& tensors);

/// Throws Error(kCheckpoint) naming the tensor if one is missing, unknown or of a different shape;
/// nothing is written then.
void import_tensors(const HostTensors& from, const std::vector<StateTensor>& tensors);

/// The same, but ignores moments and averages in `tensors` and `from`.
void import_parameters(const HostTensors& from, std::vector<StateTensor> tensors);

}  // namespace snn
