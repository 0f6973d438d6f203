#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of StateLeaky, leaky neurons without reset as a convolution with an exponential kernel
/// (snnTorch's StateLeaky).
class StateLeakyOptions {
 public:
  static constexpr std::string_view kName = "state-leaky";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  StateLeakyOptions(PerNeuron beta = 0.95) : beta_(std::move(beta)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    Field beta = restricted(free_beta_field(), {.low = 0, .high = 1, .without_high = true});
    beta.outside = "above 1 the membrane grows without bound";
    beta.snntorch = "tau";
    beta.shown = [](double tau) { return 1 - 1 / tau; };
    beta.stored = [](double option) { return 1 / (1 - option); };
    visit(beta, self.beta(), self.learn_beta());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(graded_spikes_factor_field(), self.graded_spikes_factor(),
          self.learn_graded_spikes_factor());
    visit(surrogate_field(), self.surrogate());
    visit(Field{.name = "kernel-truncation-steps",
                .help = "Length of the exponential kernel in steps; 0: unlimited",
                .range = Range::between(0, 100'000),
                .is_strict = true,
                .shapes_membrane = true},
          self.kernel_truncation_steps());
  }

  /// It sets the time constant tau = 1 / (1 - beta), in steps. The decay per step is exp(-1 / tau).
  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(PerNeuron, graded_spikes_factor) = 1.0;
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(bool, learn_graded_spikes_factor) = false;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
  SNN_OPTION(std::int64_t, kernel_truncation_steps) = 0;

 public:
  bool operator==(const StateLeakyOptions&) const = default;
};

}  // namespace snn
