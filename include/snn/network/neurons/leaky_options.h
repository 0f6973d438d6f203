#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "snn/network/neurons/reset.h"
#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/state_quant.h"
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

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(beta_field(), self.beta(), self.learn_beta());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(reset_field(), self.reset());
    visit(reset_delay_field(), self.reset_delay());
    visit(surrogate_field(), self.surrogate());
    visit(graded_spikes_factor_field(), self.graded_spikes_factor(),
          self.learn_graded_spikes_factor());
    visit(inhibition_field(), self.inhibition());
    visit(refractory_field(), self.refractory());
    visit(state_quant_field(), self.state_quant());
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
  /// 0: neurons may spike at every step.
  SNN_OPTION(std::int64_t, refractory) = 0;
  SNN_OPTION(StateQuant, state_quant) = StateQuant{};

 public:
  /// The problem of the options with each other, or nothing.
  std::string problem() const { return reset_problem(reset_, reset_delay_); }
  bool operator==(const LeakyOptions&) const = default;
};

}  // namespace snn
