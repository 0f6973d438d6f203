#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "snn/network/network_spec.h"

namespace snn::kernels {

/// A parameter of a kernels' model: scale * value(x, y) of up to two learnable options of the
/// neurons, x and y, as the forward pass uses them (clamped, in the form of their tensors).
struct ModelParameter {
  using Function = double (*)(double x, double y);

  /// Numbers of the options in the order of visit_learnable(); -1: none.
  int x = -1, y = -1;
  PerNeuron scale = 1.0;
  Function value = [](double, double) { return 1.0; };
  Function of_x = nullptr, of_y = nullptr;  ///< the derivatives

  /// Of the neuron `neuron`.
  double at(double of_x_option, double of_y_option, std::size_t neuron) const {
    return scale.at(neuron) * value(of_x_option, of_y_option);
  }
};

/// A tensor of snnTorch's state_dict that repeats or follows from options that are not learned.
struct ConstantTensor {
  std::string name;
  PerNeuron value;  ///< a single one: 0-dim
};

/// How the kernels compute a layer of neurons.
struct NeuronModel {
  Model model = Model::kLeaky;
  Reset reset = Reset::kNone;
  ResetTiming timing = ResetTiming::kDelayed;
  Surrogate surrogate = {};
  std::vector<ModelParameter> parameters;  ///< in the order of NeuronBlock::parameters
  std::vector<ConstantTensor> constants = {};
  /// True if neurons hand on spikes; otherwise their membrane.
  bool has_spikes = true;
  /// True if their current has a dense linear map of the layer's spikes of the step before.
  bool is_recurrent = false;
  bool learns_recurrence = false;
  /// The field of a learned tensor (N) that is no option, drawn as a bias is, if there is one: the
  /// last of the options' numbers.
  std::optional<Field> drawn_bias = {};

  /// True if the gradient of a current that is the same at every step follows from neuron_slopes().
  bool has_slopes() const;
};

/// The reason why the kernels have no such model, "inhibition" or "slstm neurons"; or nothing.
std::string without_model(const NeuronSpec& neuron);

/// The model of neurons that have one. Throws Error(kUsage) for options that 32-bit floats do not
/// hold.
NeuronModel neuron_model(const NeuronSpec& neuron);

}  // namespace snn::kernels
