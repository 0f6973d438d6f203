#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <initializer_list>
#include <string>

#include "network/field_text.h"
#include "snn/network/field.h"
#include "snn/network/per_neuron.h"

namespace snn {

/// 0-dim float32 for one value, (N) for N.
torch::Tensor to_tensor(const PerNeuron& values);

/// Registers each learnable option as a parameter of `module` if it is learned, else as a buffer,
/// and assigns it to the next one of `tensors`.
template <class Module, class Options>
void register_fields(Module& module, const Options& options,
                     std::initializer_list<torch::Tensor*> tensors) {
  auto next = tensors.begin();
  visit_learnable(options, [&](const Field& field, const PerNeuron& value, bool is_learned) {
    const std::string name = tensor_name(field);
    TORCH_CHECK(next != tensors.end(), "no tensor for ", name);
    const torch::Tensor tensor = to_tensor(tensor_values(field, value));
    **next++ =
        is_learned ? module.register_parameter(name, tensor) : module.register_buffer(name, tensor);
  });
}

}  // namespace snn
