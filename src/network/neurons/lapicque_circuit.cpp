#include "network/neurons/lapicque_circuit.h"

#include <algorithm>
#include <cmath>

#include "snn/text/error.h"

namespace snn {

LapicqueCircuit circuit_of(const LapicqueOptions& options) {
  const PerNeuron &beta = options.beta(), &step = options.time_step();
  const PerNeuron &given_r = options.resistance(), &given_c = options.capacitance();
  std::size_t neurons = 1;
  for (const PerNeuron* each : {&beta, &step, &given_r, &given_c}) {
    neurons = std::max(neurons, each->values.size());
  }
  LapicqueCircuit circuit;
  circuit.resistance.values.resize(neurons);
  circuit.capacitance.values.resize(neurons);
  for (std::size_t n = 0; n < neurons; ++n) {
    double r = given_r.at(n), c = given_c.at(n);
    const double time_constant = step.at(n) / -std::log(beta.at(n));
    if (r <= 0) r = c > 0 ? time_constant / c : 1;
    if (c <= 0) c = time_constant / r;
    for (const double value : {r, c}) {
      const auto rounded = static_cast<float>(value);
      if (!(std::isfinite(rounded) && rounded > 0)) {
        throw Error(ExitCode::kUsage,
                    "lapicque: beta, resistance and capacitance yield an R or C outside the range "
                    "of 32-bit floats");
      }
    }
    circuit.resistance.values[n] = static_cast<float>(r);
    circuit.capacitance.values[n] = static_cast<float>(c);
  }
  return circuit;
}

}  // namespace snn
