#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "snn/network/sequence.h"

namespace snn {

/// What a layer of neurons carries from one step to the next: tensors of the current's shape, in
/// the order of Neuron::state_names(). The membrane is the last, where there is one.
using State = std::vector<torch::Tensor>;

struct StepResult {
  torch::Tensor spikes;  ///< (B,...): what the neurons pass on
  State state;
};

struct SequenceResult {
  torch::Tensor spikes;    ///< (T,B,...)
  torch::Tensor membrane;  ///< (T,B,...) after each step; undefined unless it was asked for
  State state;             ///< after the last step
};

/// A layer of neurons. It keeps nothing of what it has seen: state is passed in and comes back.
/// Not a Module itself: a neuron is a Module and a Neuron, and has an overload of
/// make_neuron(options, shape of its current, seeds) beside it.
class Neuron {
 public:
  virtual ~Neuron() = default;

  virtual std::vector<std::string> state_names() const = 0;

  /// The state of neurons at rest, for currents of `shape` (B,...).
  virtual State initial_state(torch::IntArrayRef shape,
                              const torch::TensorOptions& options) const = 0;

  /// One time step. `current` is (B,...), and so is every tensor of `state`.
  virtual StepResult step(const torch::Tensor& current, const State& state) const = 0;

  /// All steps, from `state` on, one after the other. Neurons without state override it.
  virtual SequenceResult sequence(const Sequence& current, State state, bool record_membrane) const;
};

}  // namespace snn
