#include "snn/network/neurons/rleaky.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

RleakyImpl::RleakyImpl(RleakyOptions options_, std::int64_t neurons, Seeds seeds)
    : options(std::move(options_)), neurons_(neurons), seeds_(seeds) {
  reset();
}

void RleakyImpl::reset() {
  register_fields(*this, options, {&beta, &threshold, &v});
  if (options.recurrence() == Recurrence::kDense) {
    recurrent =
        register_module("recurrent", Recurrent(neurons_, options.learn_recurrent(), seeds_));
  }
  register_unit_spikes(*this);
  register_reset(*this, options.reset());
}

void RleakyImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Rleaky(" << fields_text(options) << ")";
}

std::vector<std::string> RleakyImpl::state_names() const {
  return Resting::names(options.refractory(), {"spikes", "membrane"});
}

StepResult RleakyImpl::step(const Tensor& current, const State& state) const {
  State own = state;
  const Resting resting(options.refractory(), current, own, 2);
  const Tensor decay = clamped(beta);
  const Tensor driven = current + recurrent_current(own[0], v, recurrent);
  const Tensor reached = torch::addcmul(driven, own[1], decay);
  const auto [spikes, membrane] =
      fire_and_reset(reached, own[1], threshold, rule_of(options, decay), &resting);
  return {spikes, resting.state(spikes, {spikes, membrane})};
}

}  // namespace snn
