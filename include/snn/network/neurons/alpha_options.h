#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/network/neurons/reset.h"
#include "snn/network/neurons/shared_fields.h"
#include "snn/network/options_macro.h"
#include "snn/network/per_neuron.h"
#include "snn/network/state_quant.h"
#include "snn/network/surrogate.h"
#include "snn/text/text.h"

namespace snn {

/// Options of Alpha, neurons whose membrane follows an alpha function (snnTorch's Alpha). Every
/// alpha must be above beta.
class AlphaOptions {
 public:
  static constexpr std::string_view kName = "alpha";
  static constexpr std::string_view kModule = "lif";
  static constexpr bool kSpikes = true;

  AlphaOptions(PerNeuron alpha = 0.9, PerNeuron beta = 0.8)
      : alpha_(std::move(alpha)), beta_(std::move(beta)) {}

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(restricted(alpha_field(), Range::inside(0, 1)), self.alpha(), self.learn_alpha());
    Field beta = restricted(beta_field(), Range::inside(0, 1));
    beta.excites = -1;  // the inhibition lasts longer
    visit(beta, self.beta(), self.learn_beta());
    visit(threshold_field(), self.threshold(), self.learn_threshold());
    visit(reset_field(), self.reset());
    visit(surrogate_field(), self.surrogate());
    visit(inhibition_field(), self.inhibition());
    visit(state_quant_field(), self.state_quant());
  }

  /// Decay of the excitatory current.
  SNN_OPTION(PerNeuron, alpha);
  /// Decay of the inhibitory current.
  SNN_OPTION(PerNeuron, beta);
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  SNN_OPTION(bool, learn_alpha) = false;
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(Reset, reset) = Reset::kZero;
  SNN_OPTION(bool, inhibition) = false;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
  SNN_OPTION(StateQuant, state_quant) = StateQuant{};

 public:
  /// The problem of the options with each other, or nothing.
  std::string problem() const {
    const std::vector<double>&slow = alpha_.values, &fast = beta_.values;
    if (slow.empty() || fast.empty()) return "";  // refused for that
    for (std::size_t i = 0; i < std::max(slow.size(), fast.size()); ++i) {
      const double alpha = slow[std::min(i, slow.size() - 1)];
      const double beta = fast[std::min(i, fast.size() - 1)];
      if (alpha > beta) continue;
      return "expected alpha above beta, " + format_real(beta) + ", found " + format_real(alpha);
    }
    return reset_problem(reset_);
  }
  bool operator==(const AlphaOptions&) const = default;
};

}  // namespace snn
