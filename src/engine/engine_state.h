#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "snn/engine/host_tensor.h"

namespace snn {

/// What precedes the name of a moment in a checkpoint: "optimizer.exp_avg.fc1.weight".
inline constexpr const char* kMomentPrefix = "optimizer.";

/// A tensor of an engine's state: how to copy its values, row-major, out and in.
struct StateTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::function<void(float* to)> read;
  std::function<void(const float* from)> write;
};

/// The number of values of a tensor of that shape.
std::size_t value_count(const std::vector<std::int64_t>& shape);

HostTensors export_tensors(const std::vector<StateTensor>& tensors);

/// Throws Error(kCheckpoint) naming the tensor when one is missing, unknown, or of another shape;
/// nothing has been written then.
void import_tensors(const HostTensors& from, const std::vector<StateTensor>& tensors);

}  // namespace snn
