#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "snn/network/neurons/reset.h"
#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/state_quant.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Options of Slstm, the spiking long short-term memory (snnTorch's SLSTM).
class SlstmOptions {
 public:
  static constexpr std::string_view kName = "slstm";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(reset_field(), self.reset());
    visit(surrogate_field(), self.surrogate());
    visit(state_quant_field(), self.state_quant());
  }

  /// snnTorch's default is 1, which sigmoid(o) tanh(c) never reaches.
  SNN_OPTION(PerNeuron, threshold) = 0.1;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(Reset, reset) = Reset::kNone;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
  SNN_OPTION(StateQuant, state_quant) = StateQuant{};

 public:
  /// The number of values in the cell's weights and biases.
  std::int64_t further_parameters(std::int64_t neurons) const {
    return 8 * neurons * (neurons + 1);
  }
  /// The problem of the options with each other, or nothing.
  std::string problem() const { return reset_problem(reset_); }
  bool operator==(const SlstmOptions&) const = default;
};

}  // namespace snn
