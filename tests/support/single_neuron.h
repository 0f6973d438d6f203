#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <vector>

#include "snn/network/neuron.h"

namespace snn {

struct Trace {
  torch::Tensor spikes, membrane;  // (T)
};

/// One neuron of `module` under a current of a value a step, in double precision.
template <class Module>
Trace trace_of(Module module, const std::vector<double>& current) {
  module->to(torch::kDouble);
  const torch::Tensor input = torch::tensor(current, torch::kDouble).reshape({-1, 1, 1});
  const auto result = module->sequence(Sequence::varying(input),
                                       module->initial_state({1, 1}, input.options()), true);
  return {result.spikes.flatten().detach(), result.membrane.flatten().detach()};
}

/// Options are kept in single precision, hence the tolerance.
inline void expect_trace(const Trace& trace, const std::vector<double>& membrane,
                         const std::vector<double>& spikes) {
  EXPECT_TRUE(torch::allclose(trace.membrane, torch::tensor(membrane, torch::kDouble), 0, 1e-5))
      << trace.membrane;
  EXPECT_TRUE(torch::equal(trace.spikes, torch::tensor(spikes, torch::kDouble))) << trace.spikes;
}

}  // namespace snn
