#pragma once

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace snn {

/// One value for a whole layer, or one per neuron: N values along the last dimension of the
/// currents. Computations use float32.
struct PerNeuron {
  std::vector<double> values;

  PerNeuron(double value) : values{value} {}
  PerNeuron(std::initializer_list<double> list) : values(list) {}
  PerNeuron(std::vector<double> list) : values(std::move(list)) {}
  /// The value of neuron `neuron`.
  double at(std::size_t neuron) const { return values[values.size() == 1 ? 0 : neuron]; }
  bool operator==(const PerNeuron&) const = default;
};

}  // namespace snn
