#include "snn/network/neurons/lapicque.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"
#include "snn/text/error.h"

namespace snn {

using torch::Tensor;

LapicqueImpl::LapicqueImpl(LapicqueOptions options_) : options(std::move(options_)) { reset(); }

void LapicqueImpl::reset() {
  register_fields(*this, options, {&threshold});
  const auto exactly = [](const PerNeuron& value) {
    const Tensor tensor = torch::tensor(value.values, torch::kDouble);
    return value.values.size() == 1 ? tensor.squeeze(0) : tensor;
  };
  const Tensor beta = exactly(options.beta()), step = exactly(options.time_step());
  const Tensor given_r = exactly(options.resistance()), given_c = exactly(options.capacitance());
  const Tensor time_constant = step / -beta.log();
  const Tensor r = torch::where(
      given_r > 0, given_r,
      torch::where(given_c > 0, time_constant / given_c, torch::ones_like(time_constant)));
  const Tensor c = torch::where(given_c > 0, given_c, time_constant / r);
  register_buffer("beta", to_tensor(options.beta()));
  resistance = register_buffer("R", r.to(torch::kFloat));
  capacitance = register_buffer("C", c.to(torch::kFloat));
  for (const Tensor& each : {resistance, capacitance}) {
    if (!each.isfinite().logical_and(each.gt(0)).all().item<bool>()) {
      throw Error(ExitCode::kUsage,
                  "lapicque: beta, resistance and capacitance yield an R or C outside the range of "
                  "32-bit floats");
    }
  }
  time_step = register_buffer("time_step", to_tensor(options.time_step()));
  register_unit_spikes(*this);
  register_reset(*this, options.reset());
}

void LapicqueImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Lapicque(" << fields_text(options) << ")";
}

StepResult LapicqueImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 1);
  const Tensor& previous = state[0];
  const Tensor rate = time_step / resistance / capacitance;
  const Tensor reached = rate * resistance * current + (1 - rate) * previous;
  const auto [spikes, membrane] = fire_and_reset(reached, previous, threshold,
                                                 {.reset = options.reset(),
                                                  .surrogate = options.surrogate(),
                                                  .inhibition = options.inhibition()});
  return {spikes, {membrane}};
}

}  // namespace snn
