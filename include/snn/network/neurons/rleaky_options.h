#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "snn/network/neurons/recurrence.h"
#include "snn/network/neurons/reset.h"
#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/state_quant.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of Rleaky, leaky neurons whose spikes come back to them (snnTorch's RLeaky).
class RleakyOptions {
 public:
  static constexpr std::string_view kName = "rleaky";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  RleakyOptions(PerNeuron beta = 0.95) : beta_(std::move(beta)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(beta_field(), self.beta(), self.learn_beta());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(reset_field(), self.reset());
    visit(reset_delay_field(), self.reset_delay());
    visit(surrogate_field(), self.surrogate());
    visit(inhibition_field(), self.inhibition());
    visit(recurrence_field(), self.recurrence());
    visit(recurrent_field(), self.recurrent(), self.learn_recurrent());
    visit(refractory_field(), self.refractory());
    visit(state_quant_field(), self.state_quant());
  }

  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(Recurrence, recurrence) = Recurrence::kDense;
  /// Weight of each neuron on itself in one-to-one recurrence.
  SNN_OPTION(PerNeuron, recurrent) = 1.0;
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(bool, learn_threshold) = false;
  /// Learns the recurrent weights, one-to-one or dense.
  SNN_OPTION(bool, learn_recurrent) = true;
  SNN_OPTION(Reset, reset) = Reset::kSubtract;
  SNN_OPTION(bool, reset_delay) = true;
  SNN_OPTION(bool, inhibition) = false;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
  /// 0: neurons may spike at every step.
  SNN_OPTION(std::int64_t, refractory) = 0;
  SNN_OPTION(StateQuant, state_quant) = StateQuant{};

 public:
  bool has_tensor(const Field& field) const { return has_recurrent_tensor(field, recurrence_); }
  std::int64_t further_parameters(std::int64_t neurons) const {
    return recurrent_parameters(recurrence_, learn_recurrent_, neurons);
  }
  /// The problem of the options with each other, or nothing.
  std::string problem() const { return reset_problem(reset_, reset_delay_); }
  bool operator==(const RleakyOptions&) const = default;
};

}  // namespace snn
