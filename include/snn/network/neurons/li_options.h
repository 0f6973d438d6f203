#pragma once

#include <string_view>
#include <utility>

#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"

namespace snn {

/// Options of Li, leaky integrators without spikes: readouts for losses of the membrane.
class LiOptions {
 public:
  static constexpr std::string_view kName = "li";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = false;

  LiOptions(PerNeuron beta = 0.95) : beta_(std::move(beta)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(beta_field(), self.beta(), self.learn_beta());
  }

  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(bool, learn_beta) = false;

 public:
  bool operator==(const LiOptions&) const = default;
};

}  // namespace snn
