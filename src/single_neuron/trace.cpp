#include "single_neuron/trace.h"

#include <cstddef>

namespace snn {

std::vector<double> intervals(const Trace& trace) {
  std::vector<double> times;
  for (std::size_t i = 1; i < trace.spikes.size(); ++i) {
    times.push_back(trace.spikes[i] - trace.spikes[i - 1]);
  }
  return times;
}

}  // namespace snn
