#include "snn/network/neurons/slstm.h"

#include <torch/torch.h>

#include <utility>

#include "network/initial_tensor.h"
#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

SlstmImpl::SlstmImpl(SlstmOptions options_, std::int64_t inputs, std::int64_t neurons, Seeds seeds)
    : options(std::move(options_)), inputs_(inputs), neurons_(neurons), seeds_(seeds) {
  reset();
}

void SlstmImpl::reset() {
  register_fields(*this, options, {&threshold});
  lstm_cell = register_module("lstm_cell", torch::nn::LSTMCell(inputs_, neurons_));
  const std::pair<Tensor*, InitialTensor> all[] = {
      {&lstm_cell->weight_ih, InitialTensor::kWeight},
      {&lstm_cell->bias_ih, InitialTensor::kBias},
      {&lstm_cell->weight_hh, InitialTensor::kRecurrentWeight},
      {&lstm_cell->bias_hh, InitialTensor::kRecurrentBias}};
  const torch::NoGradGuard no_grad;
  for (const auto& [tensor, which] : all) {
    tensor->copy_(initial_tensor(seeds_, which, neurons_, tensor->sizes().vec()));
  }
  register_unit_spikes(*this);
  register_reset(*this, options.reset());
}

void SlstmImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Slstm(" << fields_text(options) << ")";
}

State SlstmImpl::initial_state(torch::IntArrayRef shape,
                               const torch::TensorOptions& tensor_options) const {
  TORCH_CHECK(!shape.empty(), "Slstm expects currents (B,...), found a single number");
  std::vector<std::int64_t> own = {shape[0], neurons_};
  if (inputs_ == neurons_) own = shape.vec();
  return {torch::zeros(own, tensor_options), torch::zeros(own, tensor_options)};
}

StepResult SlstmImpl::step(const Tensor& current, const State& state) const {
  const State expected = initial_state(current.sizes(), current.options());
  expect_state(expected[0], state, 2);
  auto [hidden, cell] = torch::nn::LSTMCell(lstm_cell)->forward(
      current.flatten(1), std::make_tuple(state[1].flatten(1), state[0].flatten(1)));
  const auto [spikes, membrane] =
      fire_and_reset(hidden.view_as(state[1]), state[1], threshold, rule_of(options));
  return {spikes, {quantized(cell.view_as(state[0]), options.state_quant()), membrane}};
}

}  // namespace snn
