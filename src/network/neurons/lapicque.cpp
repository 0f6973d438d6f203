#include "snn/network/neurons/lapicque.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"
#include "network/neurons/lapicque_circuit.h"

namespace snn {

using torch::Tensor;

LapicqueImpl::LapicqueImpl(LapicqueOptions options_) : options(std::move(options_)) { reset(); }

void LapicqueImpl::reset() {
  register_fields(*this, options, {&threshold});
  const LapicqueCircuit circuit = circuit_of(options);
  register_buffer("beta", to_tensor(options.beta()));
  resistance = register_buffer("R", to_tensor(circuit.resistance));
  capacitance = register_buffer("C", to_tensor(circuit.capacitance));
  time_step = register_buffer("time_step", to_tensor(options.time_step()));
  register_unit_spikes(*this);
  register_reset(*this, options.reset());
}

void LapicqueImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Lapicque(" << fields_text(options) << ")";
}

std::vector<std::string> LapicqueImpl::state_names() const {
  return Resting::names(options.refractory(), {"membrane"});
}

StepResult LapicqueImpl::step(const Tensor& current, const State& state) const {
  State own = state;
  const Resting resting(options.refractory(), current, own, 1);
  const Tensor rate = time_step / resistance / capacitance;
  const Tensor reached = rate * resistance * current + (1 - rate) * own[0];
  const auto [spikes, membrane] =
      fire_and_reset(reached, own[0], threshold, rule_of(options, 1 - rate), &resting);
  return {spikes, resting.state(spikes, {membrane})};
}

}  // namespace snn
