#include "single_neuron/trace.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/neuron_model.h"
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
  const kernels::NeuronModel model = kernels::neuron_model(options);
  std::vector<Buffer<float>> parameters;
  for (const double value : kernels::parameters_of_first(options)) parameters.push_back(all(value));
  kernels::NeuronBlock block{model.model,  kLanes,          steps, model.reset,
                             model.timing, model.surrogate, {}};
  for (std::size_t k = 0; k < parameters.size(); ++k) block.parameters[k] = parameters[k].data();
  const auto size = static_cast<std::size_t>(steps * kLanes);
  Buffer<float> input(size), spikes(size), membrane(size);
  const auto end = static_cast<double>(steps - 1);
  for (std::int64_t t = 0; t < steps; ++t) {
    input.data()[t * kLanes] = static_cast<float>(current.at(static_cast<double>(t), end));
  }
  kernels::select(Simd::kGeneric)
      .neurons_forward(block, input.data(), kLanes,
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
