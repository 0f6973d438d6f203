#pragma once

#include "snn/network/neurons/lapicque_options.h"

namespace snn {

/// Resistance and capacitance of Lapicque's neurons, one value or one per neuron.
struct LapicqueCircuit {
  PerNeuron resistance = 1.0, capacitance = 1.0;
};

/// R and C as the options define them (lapicque_options.h), rounded to float32. Throws
/// Error(kUsage) if one is not a positive 32-bit float.
LapicqueCircuit circuit_of(const LapicqueOptions& options);

}  // namespace snn
