#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace snn {

/// A float32 tensor in host memory, row-major. Scalars have an empty shape.
struct HostTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  bool operator==(const HostTensor&) const = default;
};
using HostTensors = std::map<std::string, HostTensor>;

/// The learned state of an engine, by name: model tensors by snnTorch's state_dict names
/// ("fc1.weight", "lif1.beta"), the optimiser's moments as "optimizer.MOMENT.PARAMETER", moving
/// averages as "ema.PARAMETER".
struct EngineState {
  HostTensors tensors;
  std::int64_t step = 0;  ///< optimiser steps taken; Adam's bias correction needs it
};

/// True if `tensors` have moving averages (OptimizerOptions::ema).
bool has_averages(const HostTensors& tensors);
/// Model tensors with the average of each parameter in its place, where there is one; without
/// moments and averages.
HostTensors averaged_parameters(const HostTensors& tensors);

}  // namespace snn
