#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "single_neuron/trace.h"
#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {
namespace {

constexpr double kCapacitance = 1;                                       // µF/cm²
constexpr double kSodium = 120, kPotassium = 36, kLeak = 0.3;            // conductances, mS/cm²
constexpr double kSodiumAt = 50, kPotassiumAt = -77, kLeakAt = -54.387;  // reversal potentials, mV
constexpr double kRest = -65, kSpikeAt = 0;                              // mV

struct State {
  double v, m, h, n;
};

State operator+(const State& a, const State& b) {
  return {a.v + b.v, a.m + b.m, a.h + b.h, a.n + b.n};
}
State operator*(double scale, const State& a) {
  return {scale * a.v, scale * a.m, scale * a.h, scale * a.n};
}

// x / (1 - exp(-x)), continued by its limit 1 at 0.
double linoid(double x) { return x == 0 ? 1 : x / -std::expm1(-x); }

// The opening and closing rates of a gate, 1/ms.
struct Rates {
  double alpha, beta;
  double equilibrium() const { return alpha / (alpha + beta); }
  double slope(double gate) const { return alpha * (1 - gate) - beta * gate; }
};
Rates rates_of_m(double v) { return {linoid((v + 40) / 10), 4 * std::exp(-(v + 65) / 18)}; }
Rates rates_of_h(double v) {
  return {0.07 * std::exp(-(v + 65) / 20), 1 / (1 + std::exp(-(v + 35) / 10))};
}
Rates rates_of_n(double v) {
  return {0.1 * linoid((v + 55) / 10), 0.125 * std::exp(-(v + 65) / 80)};
}

State slope(const State& s, double current) {
  const double sodium = kSodium * s.m * s.m * s.m * s.h * (s.v - kSodiumAt);
  const double potassium = kPotassium * s.n * s.n * s.n * s.n * (s.v - kPotassiumAt);
  const double leak = kLeak * (s.v - kLeakAt);
  return {(current - sodium - potassium - leak) / kCapacitance, rates_of_m(s.v).slope(s.m),
          rates_of_h(s.v).slope(s.h), rates_of_n(s.v).slope(s.n)};
}

State runge_kutta(const State& s, double current, double dt) {
  const State k1 = slope(s, current);
  const State k2 = slope(s + dt / 2 * k1, current);
  const State k3 = slope(s + dt / 2 * k2, current);
  const State k4 = slope(s + dt * k3, current);
  return s + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
}

bool is_finite(const State& s) { return std::isfinite(s.v + s.m + s.h + s.n); }

}  // namespace

Trace run_hodgkin_huxley(const Waveform& current, double duration, double dt) {
  const auto steps = static_cast<std::int64_t>(std::llround(duration / dt));
  State state{kRest, rates_of_m(kRest).equilibrium(), rates_of_h(kRest).equilibrium(),
              rates_of_n(kRest).equilibrium()};
  Trace trace;
  trace.duration = static_cast<double>(steps) * dt;
  for (std::int64_t i = 0;; ++i) {
    const double time = static_cast<double>(i) * dt;
    // The last sample has no step after it and uses the current of the step before it.
    const double middle = (static_cast<double>(std::min(i, steps - 1)) + 0.5) * dt;
    const double given = current.at(middle, duration);
    trace.times.push_back(time);
    trace.current.push_back(given);
    trace.membrane.push_back(state.v);
    if (i == steps) return trace;
    const State next = runge_kutta(state, given, dt);
    if (!is_finite(next)) {
      throw Error(ExitCode::kDiverged, "the integration diverged at " + format_real(time) +
                                           " ms: steps of " + format_real(dt) +
                                           " ms are too long for this current; try a smaller --dt");
    }
    if (state.v <= kSpikeAt && next.v > kSpikeAt) {
      trace.spikes.push_back(time + dt * (kSpikeAt - state.v) / (next.v - state.v));
    }
    state = next;
  }
}

}  // namespace snn
