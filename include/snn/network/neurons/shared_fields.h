#pragma once

#include "snn/network/field.h"
#include "snn/text/range.h"

namespace snn {

// The options that several kinds of neurons share, stated once.

/// The range of decays, to which most kinds clamp them in the forward pass.
inline Range decay_range() { return Range::between(0, 1).in_float(); }

inline Field beta_field() {
  return {.name = "beta",
          .help = "Membrane decay per time step",
          .range = decay_range(),
          .is_clamped = true,
          .outside = "it is clamped to the nearer end, where its gradient is 0",
          .excites = 1,
          .shapes_membrane = true};
}

/// The decay of kinds that do not clamp it.
inline Field free_beta_field() {
  Field field = beta_field();
  field.is_clamped = false;
  field.outside = "the membrane grows without bound or alternates in sign";
  return field;
}

inline Field alpha_field() {
  return {.name = "alpha",
          .help = "Decay of the synaptic current per time step",
          .range = decay_range(),
          .is_clamped = true,
          .outside = "it is clamped to the nearer end, where its gradient is 0",
          .excites = 1,
          .shapes_membrane = true};
}

inline Field threshold_field() {
  return {.name = "threshold",
          .help = "Firing threshold of the membrane potential",
          .range = Range::above(0).in_float(),
          .is_strict = true,
          .outside = "a neuron spikes at rest",
          .excites = -1,
          .shapes_membrane = true};
}

inline Field reset_field() {
  return {.name = "reset",
          .help = "Reset mechanism after a spike",
          .snntorch = "reset_mechanism",
          .shapes_membrane = true};
}

inline Field reset_delay_field() {
  return {.name = "reset-delay",
          .help =
              "Apply the reset one step after the spike (snnTorch's default) instead of in the "
              "same step",
          .shapes_membrane = true};
}

inline Field surrogate_field() {
  return {.name = "surrogate", .help = "Surrogate gradient of a spike, NAME[:parameter=value,...]"};
}

inline Field graded_spikes_factor_field() {
  return {.name = "graded-spikes-factor",
          .help = "Amplitude of an output spike",
          .range = Range::above(0).in_float(),
          .outside = "spikes have zero or negative amplitude"};
}

inline Field inhibition_field() {
  return {.name = "inhibition",
          .help = "Winner-take-all: only the neuron furthest above its threshold may spike"};
}

inline Field refractory_field() {
  return {.name = "refractory",
          .help = "Steps after a spike in which a neuron holds its membrane and cannot spike",
          .range = Range::between(0, 100'000),
          .is_strict = true,
          .excites = -1,
          .shapes_membrane = true};
}

inline Field state_quant_field() {
  return {.name = "state-quant",
          .help = "Quantisation of the neurons' state, NAME[:parameter=value,...]",
          .shapes_membrane = true};
}

/// The same field for kinds that need values in this range.
inline Field restricted(Field field, const Range& range) {
  field.range = range.in_float();
  field.is_strict = true;
  return field;
}

}  // namespace snn
