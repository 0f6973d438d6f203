#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of LeakyParallel, rectified leaky neurons without reset (snnTorch's LeakyParallel).
class LeakyParallelOptions {
 public:
  static constexpr std::string_view kName = "leaky-parallel";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  LeakyParallelOptions(PerNeuron beta = 0.95) : beta_(std::move(beta)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(free_beta_field(), self.beta(), self.learn_beta());
    visit(Field{.name = "recurrent-bias",
                .help = "Add a learned constant to each current, beside that of the synapse",
                .shapes_membrane = true},
          self.recurrent_bias());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(graded_spikes_factor_field(), self.graded_spikes_factor(),
          self.learn_graded_spikes_factor());
    visit(surrogate_field(), self.surrogate());
  }

  /// Initial weight of each neuron on itself.
  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(PerNeuron, graded_spikes_factor) = 1.0;
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(bool, learn_graded_spikes_factor) = false;
  SNN_OPTION(bool, recurrent_bias) = true;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};

 public:
  /// The number of learned values besides those of learnable options.
  std::int64_t further_parameters(std::int64_t neurons) const {
    return recurrent_bias_ ? neurons : 0;
  }
  bool operator==(const LeakyParallelOptions&) const = default;
};

}  // namespace snn
