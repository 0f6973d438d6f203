#pragma once

#include <cmath>
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

/// Options of Plif, leaky neurons that learn their time constant (SpikingJelly's ParametricLIFNode,
/// whose defaults these are).
class PlifOptions {
 public:
  static constexpr std::string_view kName = "plif";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  PlifOptions(PerNeuron tau = 2.0) : tau_(std::move(tau)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(Field{.name = "tau",
                .help = "Membrane time constant in steps",
                .snntorch = "w",
                .range = Range::above(1).in_float(),
                .is_strict = true,
                .outside = "the membrane keeps nothing of its past",
                .shapes_membrane = true,
                .shown = [](double w) { return 1 + std::exp(-w); },
                .stored = [](double tau) { return -std::log(tau - 1); }},
          self.tau(), self.learn_tau());
    visit(Field{.name = "decay-input",
                .help = "Also divide the input current by tau",
                .shapes_membrane = true},
          self.decay_input());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(reset_field(), self.reset());
    visit(surrogate_field(), self.surrogate());
    visit(refractory_field(), self.refractory());
  }

  /// Initial time constant; the tensor is w, with 1 / tau = sigmoid(w).
  SNN_OPTION(PerNeuron, tau);
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(bool, learn_tau) = true;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(bool, decay_input) = true;
  /// Applied in the spike's own step.
  SNN_OPTION(Reset, reset) = Reset::kZero;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
  /// 0: neurons may spike at every step.
  SNN_OPTION(std::int64_t, refractory) = 0;

 public:
  /// The problem of the options with each other, or nothing.
  std::string problem() const { return reset_problem(reset_); }
  bool operator==(const PlifOptions&) const = default;
};

}  // namespace snn
