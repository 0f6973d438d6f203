#pragma once

#include <cstdint>
#include <string_view>

#include "snn/network/neurons/reset.h"
#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/state_quant.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of Lapicque, the RC circuit as a neuron (snnTorch's Lapicque). A resistance R or
/// capacitance C of 0 is derived from beta by exp(-time_step / (R C)) = beta, with R = 1 if both
/// are 0; beta has no effect if both are given.
class LapicqueOptions {
 public:
  static constexpr std::string_view kName = "lapicque";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  LapicqueOptions(double beta = 0.95) : beta_(beta) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    Field beta = restricted(beta_field(), Range::inside(0, 1));
    beta.is_clamped = false;
    beta.outside.clear();
    beta.excites = 0;  // a constant current ends at the same membrane
    visit(beta, self.beta());
    visit(Field{.name = "resistance",
                .help = "Membrane resistance R; 0: by beta, or 1",
                .snntorch = "R",
                .range = Range::at_least(0).in_float(),
                .is_strict = true,
                .shapes_membrane = true},
          self.resistance());
    visit(Field{.name = "capacitance",
                .help = "Membrane capacitance C; 0: by beta",
                .snntorch = "C",
                .range = Range::at_least(0).in_float(),
                .is_strict = true,
                .shapes_membrane = true},
          self.capacitance());
    visit(Field{.name = "time-step",
                .help = "Duration of a time step, in the unit of R C",
                .range = Range::above(0).in_float(),
                .is_strict = true,
                .shapes_membrane = true},
          self.time_step());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(reset_field(), self.reset());
    visit(surrogate_field(), self.surrogate());
    visit(inhibition_field(), self.inhibition());
    visit(refractory_field(), self.refractory());
    visit(state_quant_field(), self.state_quant());
  }

  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(PerNeuron, resistance) = 0.0;
  SNN_OPTION(PerNeuron, capacitance) = 0.0;
  SNN_OPTION(PerNeuron, time_step) = 1.0;
  /// A neuron spikes when its membrane is above the threshold, strictly.
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(Reset, reset) = Reset::kSubtract;
  SNN_OPTION(bool, inhibition) = false;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
  /// 0: neurons may spike at every step.
  SNN_OPTION(std::int64_t, refractory) = 0;
  SNN_OPTION(StateQuant, state_quant) = StateQuant{};

 public:
  bool operator==(const LapicqueOptions&) const = default;
};

}  // namespace snn
