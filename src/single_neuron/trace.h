#pragma once

#include <cstdint>
#include <vector>

#include "single_neuron/waveform.h"
#include "snn/network/neurons/leaky_options.h"

namespace snn {

/// What a single neuron did under a current.
struct Trace {
  std::vector<double> times;  ///< of the samples below
  std::vector<double> current;
  std::vector<double> membrane;
  std::vector<double> spikes;  ///< the times of the spikes
  double duration = 0;
};

/// The times from each spike to the next.
std::vector<double> intervals(const Trace& trace);

/// Runs a leaky neuron (snn/network/neurons/leaky.h) from rest for `steps` steps, in float32 by the
/// engine's own kernel for any processor. Time is in steps; a sample is the membrane after its
/// step. `options` has one beta and threshold; its surrogate, graded spikes factor and inhibition
/// have no effect here. Throws Error(kDiverged) when the membrane is no longer finite.
Trace run_leaky(const LeakyOptions& options, const Waveform& current, std::int64_t steps);

/// The neuron of the squid's giant axon. A. L. Hodgkin and A. F. Huxley, "A quantitative
/// description of membrane current and its application to conduction and excitation in nerve",
/// J. Physiol. 117 (1952) 500-544, in today's signs and with the resting potential at -65 mV:
///
///     C V' = I - gNa m^3 h (V - ENa) - gK n^4 (V - EK) - gL (V - EL)
///     x' = alpha_x(V) (1 - x) - beta_x(V) x                               for x = m, h, n
///
///     alpha_m = 0.1 (V + 40) / (1 - exp(-(V + 40) / 10))
///      beta_m = 4 exp(-(V + 65) / 18)
///     alpha_h = 0.07 exp(-(V + 65) / 20)
///      beta_h = 1 / (1 + exp(-(V + 35) / 10))
///     alpha_n = 0.01 (V + 55) / (1 - exp(-(V + 55) / 10))
///      beta_n = 0.125 exp(-(V + 65) / 80)
///
/// with C = 1 µF/cm², gNa = 120, gK = 36, gL = 0.3 mS/cm², ENa = 50, EK = -77, EL = -54.387 mV, at
/// 6.3 °C. Time is in ms, current in µA/cm², the membrane V in mV; rates in 1/ms.
///
/// It starts at rest (V = -65, gates in equilibrium) and goes on by the classical Runge-Kutta
/// method of fourth order with steps of `dt`, the current of a step being that at its middle. At
/// the usual 0.01 ms and a step of 10 µA/cm², membrane and spike times stay over 100 ms within
/// 0.001 mV and 0.0001 ms of those of steps 16 times as short (measured: 0.00012 mV and 0.000014
/// ms); at 0.05 ms it is 0.15 mV. A spike is the membrane's way up through 0 mV, its time
/// interpolated linearly.
///
/// Throws Error(kDiverged) when a value is no longer finite: the step is too long.
Trace run_hodgkin_huxley(const Waveform& current, double duration, double dt);

}  // namespace snn
