#pragma once

#include <string_view>
#include <utility>

#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of DeltaLeaky, neurons that spike when the membrane changes (snnTorch's DeltaLeaky).
class DeltaLeakyOptions {
 public:
  static constexpr std::string_view kName = "delta-leaky";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  DeltaLeakyOptions(PerNeuron beta = 0.95) : beta_(std::move(beta)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(free_beta_field(), self.beta(), self.learn_beta());
    visit(Field{.name = "delta-threshold",
                .help = "Change of the membrane per step that makes a spike",
                .range = Range::at_least(0).in_float(),
                .is_strict = true,
                .shapes_membrane = true},
          self.delta_threshold());
    visit(surrogate_field(), self.surrogate());
  }

  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(PerNeuron, delta_threshold) = 1.0;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};

 public:
  bool operator==(const DeltaLeakyOptions&) const = default;
};

}  // namespace snn
