#include "snn/network/neurons/plif.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

PlifImpl::PlifImpl(PlifOptions options_) : options(std::move(options_)) { reset(); }

void PlifImpl::reset() { register_fields(*this, options, {&w, &threshold}); }

void PlifImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Plif(" << fields_text(options) << ")";
}

std::vector<std::string> PlifImpl::state_names() const {
  return Resting::names(options.refractory(), {"membrane"});
}

StepResult PlifImpl::step(const Tensor& current, const State& state) const {
  State own = state;
  const Resting resting(options.refractory(), current, own, 1);
  const Tensor& previous = own[0];
  const Tensor rate = w.sigmoid();
  const Tensor reached = options.decay_input() ? previous + (current - previous) * rate
                                               : previous - previous * rate + current;
  const Tensor spikes = fire(resting.awake(reached - threshold), options.surrogate());
  const Tensor membrane = after_reset(reached, spikes.detach(), threshold, options.reset());
  return {spikes, resting.state(spikes, {resting.membrane(membrane, previous)})};
}

}  // namespace snn
