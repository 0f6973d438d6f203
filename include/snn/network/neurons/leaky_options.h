#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include "snn/network/surrogate.h"
#include "snn/text/names.h"

namespace snn {

/// How a spike lowers the membrane.
enum class Reset {
  kSubtract,  ///< by the threshold
  kZero,      ///< to zero; the current of the step after the spike still arrives
  kNone,      ///< not at all
};
template <>
struct Names<Reset> {
  static constexpr std::pair<Reset, std::string_view> table[] = {
      {Reset::kSubtract, "subtract"}, {Reset::kZero, "zero"}, {Reset::kNone, "none"}};
};

/// One value for a whole layer, or one for each of its neurons.
struct PerNeuron {
  std::vector<double> values;

  PerNeuron(double value) : values{value} {}
  PerNeuron(std::initializer_list<double> list) : values(list) {}
  PerNeuron(std::vector<double> list) : values(std::move(list)) {}
  bool operator==(const PerNeuron&) const = default;
};

/// Options of Leaky, the leaky integrate-and-fire neuron (snnTorch's Leaky), in LibTorch's idiom:
/// `LeakyOptions(0.95).threshold(1.0).learn_beta(true)`.
class LeakyOptions {
 public:
  LeakyOptions(PerNeuron beta) : beta_(std::move(beta)) {}
  LeakyOptions(double beta = 0.95) : beta_(beta) {}

#define SNN_OPTION(type, name)                 \
 public:                                       \
  LeakyOptions& name(type value) {             \
    name##_ = std::move(value);                \
    return *this;                              \
  }                                            \
  const type& name() const { return name##_; } \
  type& name() { return name##_; }             \
                                               \
 private:                                      \
  type name##_

  /// The part of the membrane that is left after a step. Any value is taken; the forward pass uses
  /// it clamped to [0, 1].
  SNN_OPTION(PerNeuron, beta);
  /// A neuron spikes when its membrane is above the threshold, strictly.
  SNN_OPTION(PerNeuron, threshold) = 1.0;
  /// What a spike is worth.
  SNN_OPTION(PerNeuron, graded_spikes_factor) = 1.0;
  SNN_OPTION(bool, learn_beta) = false;
  SNN_OPTION(bool, learn_threshold) = false;
  SNN_OPTION(bool, learn_graded_spikes_factor) = false;
  SNN_OPTION(Reset, reset) = Reset::kSubtract;
  /// Whether a spike lowers the membrane in the step after it (true) or in its own (false).
  SNN_OPTION(bool, reset_delay) = true;
  /// Whether only the neuron with the highest membrane of each sample may spike.
  SNN_OPTION(bool, inhibition) = false;
  SNN_OPTION(Surrogate, surrogate) = Surrogate{};
#undef SNN_OPTION

 public:
  bool operator==(const LeakyOptions&) const = default;
};

}  // namespace snn
