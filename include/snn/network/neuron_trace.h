#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "snn/network/network_spec.h"

namespace snn {

/// The response of one neuron, a value per step.
struct NeuronTrace {
  struct Quantity {
    std::string name;  ///< "membrane", "synaptic current"
    std::vector<double> values;
  };

  /// The state after each step, the membrane last. What repeats the currents or the output (earlier
  /// currents, the spikes that come back to recurrent neurons) and the count of a refractory period
  /// are left out.
  std::vector<Quantity> states;
  std::vector<double> output;  ///< spikes, 0 or their amplitude, or a real number
};

/// Runs a layer of one neuron from rest under `currents` in single precision, by the module of its
/// kind. Initial weights that are random (of slstm, of dense recurrence) follow from `seed`. Throws
/// Error(kUsage) for options that check() refuses.
NeuronTrace trace_neuron(const NeuronSpec& neuron, std::span<const float> currents,
                         std::uint64_t seed = 1);

}  // namespace snn
