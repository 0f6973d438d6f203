#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "snn/network/field.h"
#include "snn/numeric/shape.h"
#include "snn/text/names.h"

namespace snn {

/// The places of delays that `--delays` adds to every layer.
enum class Delays {
  kNone,
  kAxon,     ///< one for each input: Delay
  kSynapse,  ///< one for each connection: DelayedLinear
};
template <>
struct Names<Delays> {
  static constexpr std::pair<Delays, std::string_view> table[] = {
      {Delays::kNone, "none"}, {Delays::kAxon, "axon"}, {Delays::kSynapse, "synapse"}};
};

/// The longest delay of synapses and axons.
inline Field max_delay_field() {
  return {.name = "max-delay",
          .help = "Longest delay, in steps",
          .range = Range::between(1, 1000),
          .is_strict = true,
          .is_required = true};
}

inline Field learn_delay_field() {
  return {.name = "learn-delay", .help = "Learn the delays; otherwise they stay as drawn"};
}

/// A delay of each of its inputs, one per axon (Delay).
struct DelaySpec {
  static constexpr std::string_view kName = "delay";
  static constexpr std::string_view kModule = "delay";  ///< delay1, delay2, … in a network

  std::int64_t max_delay = 0;
  bool learn_delay = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(max_delay_field(), self.max_delay);
    visit(learn_delay_field(), self.learn_delay);
  }

  Shape output_shape(const Shape& input) const { return input; }
  std::int64_t parameter_count(const Shape& input) const {
    return learn_delay ? element_count(input) : 0;
  }

  bool operator==(const DelaySpec&) const = default;
};

}  // namespace snn
