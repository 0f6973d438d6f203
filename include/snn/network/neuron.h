#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "snn/network/sequence.h"

namespace snn {

/// The state of a layer of neurons between two steps: tensors of the current's shape, in the order
/// of Neuron::state_names(). The membrane is the last, where there is one.
using State = std::vector<torch::Tensor>;

struct StepResult {
  torch::Tensor spikes;  ///< (B,...) output
  State state;
};

struct SequenceResult {
  torch::Tensor spikes;    ///< (T,B,...)
  torch::Tensor membrane;  ///< (T,B,...) after each step; undefined unless requested
  State state;             ///< after the last step
};

/// A layer of neurons. It stores no state: step() takes the state and returns it. Neuron is not a
/// Module: a neuron model derives from Module and Neuron and comes with an overload of
/// make_neuron(options, shape of its current, seeds).
class Neuron {
 public:
  virtual ~Neuron() = default;

  virtual std::vector<std::string> state_names() const = 0;

  /// The resting state for currents of `shape` (B,...): zeros, unless a kind rests elsewhere.
  virtual State initial_state(torch::IntArrayRef shape, const torch::TensorOptions& options) const;

  /// Computes one time step. `current` and every tensor of `state` are (B,...).
  virtual StepResult step(const torch::Tensor& current, const State& state) const = 0;

  /// Computes all steps in order, beginning with `state`. Stateless neurons override it.
  virtual SequenceResult sequence(const Sequence& current, State state, bool record_membrane) const;
};

}  // namespace snn
