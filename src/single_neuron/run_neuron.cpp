#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "single_neuron/trace.h"
#include "snn/network/neuron_trace.h"
#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {
namespace {

void check_finite(const NeuronTrace::Quantity& quantity) {
  for (std::size_t t = 0; t < quantity.values.size(); ++t) {
    if (std::isfinite(quantity.values[t])) continue;
    throw Error(ExitCode::kDiverged, "the " + quantity.name + " exceeds single precision at step " +
                                         std::to_string(t) + "; try a smaller --current");
  }
}

}  // namespace

Trace run_neuron(const NeuronSpec& neuron, const Waveform& current, std::int64_t steps,
                 std::uint64_t seed) {
  const auto end = static_cast<double>(steps - 1);
  std::vector<float> currents;
  Trace trace;
  trace.duration = static_cast<double>(steps);
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto time = static_cast<double>(t);
    currents.push_back(static_cast<float>(current.at(time, end)));
    trace.times.push_back(time);
    trace.current.push_back(currents.back());
  }
  NeuronTrace found = trace_neuron(neuron, currents, seed);
  for (std::size_t t = 0; has_spikes(neuron) && t < found.output.size(); ++t) {
    if (found.output[t] != 0) trace.spikes.push_back(trace.times[t]);
  }
  for (NeuronTrace::Quantity& quantity : found.states) {
    check_finite(quantity);
    trace.others.emplace_back(std::move(quantity.name), std::move(quantity.values));
  }
  trace.membrane = std::move(trace.others.back().second);
  trace.others.pop_back();
  return trace;
}

}  // namespace snn
