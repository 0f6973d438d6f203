#pragma once

#include <string_view>
#include <utility>

#include "snn/network/field.h"
#include "snn/network/neurons/reset.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of Leaky, the leaky integrate-and-fire neuron (snnTorch's Leaky), in LibTorch's idiom:
/// `LeakyOptions(0.95).threshold(1.0).learn_beta(true)`.
class LeakyOptions {
 public:
  static constexpr std::string_view kName = "leaky";
  static constexpr std::string_view kModule = "lif";  ///< lif1, lif2, … in a network
  static constexpr bool kSpikes = true;

  LeakyOptions(PerNeuron beta) : beta_(std::move(beta)) {}
  LeakyOptions(double beta = 0.95) : beta_(beta) {}

  /// The range of beta, to which the forward pass clamps it.
  static Range beta_range() { return Range::between(0, 1).in_float(); }

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(Field{.name = "beta",
                .help = "Membrane decay per time step",
                .range = beta_range(),
                .is_clamped = true,
                .outside = "it is clamped to the nearer end, where its gradient is 0",
                .excites = 1,
                .shapes_membrane = true},
          self.beta(), self.learn_beta());
    visit(Field{.name = "threshold",
                .help = "Firing threshold of the membrane potential",
                .range = Range::above(0).in_float(),
                .is_strict = true,
                .outside = "a neuron spikes at rest",
                .excites = -1,
                .shapes_membrane = true},
          self.threshold(), self.learn_threshold());
    visit(Field{.name = "reset",
                .help = "Reset mechanism after a spike",
                .snntorch = "reset_mechanism",
                .shapes_membrane = true},
          self.reset());
    visit(Field{.name = "reset-delay",
                .help = "Apply the reset one step after the spike (snnTorch's default) instead of "
                        "in the same step",
                .shapes_membrane = true},
          self.reset_delay());
    visit(Field{.name = "surrogate",
                .help = "Surrogate gradient of a spike, NAME[:parameter=value,...]"},
          self.surrogate());
    visit(Field{.name = "graded-spikes-factor",
                .help = "Amplitude of an output spike",
                .range = Range::above(0).in_float(),
                .outside = "a spike is worth nothing, or less"},
          self.graded_spikes_factor(), self.learn_graded_spikes_factor());
    visit(Field{.name = "inhibition",
                .help = "Winner-take-all: only the neuron furthest above its threshold may spike"},
          self.inhibition());
  }

  /// Membrane decay per time step, clamped to [0, 1] in the forward pass.
  SNN_OPTION(PerNeuron, beta);
  /// A neuron spikes when its membrane is above the threshold, strictly.
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(PerNeuron, graded_spikes_factor) = 1.0;
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(bool, learn_graded_spikes_factor) = false;
  SNN_OPTION(Reset, reset) = Reset::kSubtract;
  SNN_OPTION(bool, reset_delay) = true;
  SNN_OPTION(bool, inhibition) = false;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};

 public:
  bool operator==(const LeakyOptions&) const = default;
};

}  // namespace snn
