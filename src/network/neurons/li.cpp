#include "snn/network/neurons/li.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

LiImpl::LiImpl(LiOptions options_) : options(std::move(options_)) { reset(); }

void LiImpl::reset() { register_fields(*this, options, {&beta}); }

void LiImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Li(" << fields_text(options) << ")";
}

StepResult LiImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 1);
  const Tensor membrane = torch::addcmul(current, state[0], clamped(beta));
  return {membrane, {membrane}};
}

}  // namespace snn
