#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "snn/network/neurons/reset.h"
#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of Adlif, adaptive leaky neurons (SE-adLIF). The ranges of both couplings and the scale
/// are those of its authors.
class AdlifOptions {
 public:
  static constexpr std::string_view kName = "adlif";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  AdlifOptions(PerNeuron beta = 0.95) : beta_(std::move(beta)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    Field beta = beta_field();
    beta.excites = -1;  // the current is weighed by 1 - beta
    visit(beta, self.beta(), self.learn_beta());
    visit(Field{.name = "adaptation-decay",
                .help = "Decay of the adaptation per time step",
                .range = Range::between(0, 1).in_float(),
                .is_clamped = true,
                .outside = "it is clamped to the nearer end, where its gradient is 0",
                .shapes_membrane = true},
          self.adaptation_decay(), self.learn_adaptation_decay());
    visit(Field{.name = "adaptation-a",
                .help = "Coupling of the adaptation to the membrane",
                .snntorch = "a",
                .range = Range::between(0, 1).in_float(),
                .is_clamped = true,
                .outside = "it is clamped to the nearer end, where its gradient is 0",
                .shapes_membrane = true},
          self.adaptation_a(), self.learn_adaptation_a());
    visit(Field{.name = "adaptation-b",
                .help = "Coupling of the adaptation to spikes",
                .snntorch = "b",
                .range = Range::between(0, 2).in_float(),
                .is_clamped = true,
                .outside = "it is clamped to the nearer end, where its gradient is 0",
                .shapes_membrane = true},
          self.adaptation_b(), self.learn_adaptation_b());
    visit(Field{.name = "adaptation-scale",
                .help = "Scale of both adaptation couplings",
                .range = Range::at_least(0).in_float(),
                .is_strict = true,
                .shapes_membrane = true},
          self.adaptation_scale());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(reset_field(), self.reset());
    visit(surrogate_field(), self.surrogate());
    visit(refractory_field(), self.refractory());
  }

  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(PerNeuron, adaptation_decay) = 0.99;
  SNN_OPTION(PerNeuron, adaptation_a) = 0.5;
  SNN_OPTION(PerNeuron, adaptation_b) = 1.0;
  SNN_OPTION(PerNeuron, adaptation_scale) = 120.0;
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(bool, learn_adaptation_decay) = false;
  SNN_OPTION(bool, learn_adaptation_a) = true;
  SNN_OPTION(bool, learn_adaptation_b) = true;
  SNN_OPTION(bool, learn_threshold) = false;
  /// Applied in the spike's own step.
  SNN_OPTION(Reset, reset) = Reset::kZero;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
  /// 0: neurons may spike at every step.
  SNN_OPTION(std::int64_t, refractory) = 0;

 public:
  /// The problem of the options with each other, or nothing.
  std::string problem() const { return reset_problem(reset_); }
  bool operator==(const AdlifOptions&) const = default;
};

}  // namespace snn
