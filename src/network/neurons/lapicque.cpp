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
  register_buffer("graded_spikes_factor", torch::ones({}));
  register_buffer("reset_mechanism_val",
                  torch::tensor(static_cast<std::int64_t>(options.reset()), torch::kLong));
}

void LapicqueImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Lapicque(" << fields_text(options) << ")";
}

State LapicqueImpl::initial_state(torch::IntArrayRef shape,
                                  const torch::TensorOptions& tensor_options) const {
  return {torch::zeros(shape, tensor_options)};
}

StepResult LapicqueImpl::step(const Tensor& current, const State& state) const {
  TORCH_CHECK(state.size() == 1 && state[0].sizes() == current.sizes(),
              "Lapicque expects a membrane of the current's shape ", current.sizes(), ", found ",
              state.empty() ? torch::IntArrayRef() : state[0].sizes());
  const Tensor& previous = state[0];
  const Tensor rate = time_step / resistance / capacitance;
  Tensor membrane = rate * resistance * current + (1 - rate) * previous;
  if (options.reset() != Reset::kNone) {
    const Tensor lost = options.reset() == Reset::kSubtract ? threshold : membrane;
    membrane = torch::addcmul(membrane, was_above(previous, threshold), lost, -1);
  }
  return {fire(membrane - threshold, options.surrogate(), options.inhibition()), {membrane}};
}

}  // namespace snn
