#include "single_neuron/trace.h"

#include <algorithm>
#include <cmath>

#include "kernels/select.h"
#include "numeric/buffer.h"
#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {

std::vector<double> intervals(const Trace& trace) {
  std::vector<double> times;
  for (std::size_t i = 1; i < trace.spikes.size(); ++i) {
    times.push_back(trace.spikes[i] - trace.spikes[i - 1]);
  }
  return times;
}

Trace run_leaky(const LeakyOptions& options, const Waveform& current, std::int64_t steps) {
  // The kernel computes at least one group of neurons; the others stay at rest.
  constexpr int kLanes = kernels::kGroup;
  const auto all = [](double value) {
    Buffer<float> buffer(kLanes);
    std::fill_n(buffer.data(), kLanes, static_cast<float>(value));
    return buffer;
  };
  const Range range = LeakyOptions::beta_range();
  const auto beta = all(std::clamp(options.beta().values.at(0), range.low, range.high));
  const auto threshold = all(options.threshold().values.at(0));
  const auto size = static_cast<std::size_t>(steps * kLanes);
  Buffer<float> input(size), spikes(size), membrane(size);
  const auto end = static_cast<double>(steps - 1);
  for (std::int64_t t = 0; t < steps; ++t) {
    input.data()[t * kLanes] = static_cast<float>(current.at(static_cast<double>(t), end));
  }
  kernels::select(Simd::kGeneric)
      .leaky_forward({kLanes, steps, options.reset(), options.reset_delay(), options.surrogate(),
                      beta.data(), threshold.data()},
                     input.data(), kLanes,
                     {nullptr, 0, nullptr, 0, spikes.data(), membrane.data(), kLanes});
  Trace trace;
  trace.duration = static_cast<double>(steps);
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto time = static_cast<double>(t);
    if (!std::isfinite(membrane.data()[t * kLanes])) {
      throw Error(ExitCode::kDiverged, "the membrane exceeds single precision at step " +
                                           format_real(time) + "; try a smaller --current");
    }
    trace.times.push_back(time);
    trace.current.push_back(input.data()[t * kLanes]);
    trace.membrane.push_back(membrane.data()[t * kLanes]);
    if (spikes.data()[t * kLanes] > 0) trace.spikes.push_back(time);
  }
  return trace;
}

}  // namespace snn
