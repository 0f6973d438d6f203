#pragma once

#include <cstdint>
#include <string_view>

#include "snn/network/field.h"
#include "snn/numeric/shape.h"

namespace snn {

/// A factor of each of its inputs (GradedSpikes).
struct GradedSpikesSpec {
  static constexpr std::string_view kName = "graded-spikes";
  static constexpr std::string_view kModule = "graded";

  /// The initial value of every factor; 0: they are drawn.
  double factor = 0;
  bool learn_factor = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(Field{.name = "factor",
                .help = "Initial factor of each spike; 0: drawn from 0.5 to 1.5",
                .range = Range().in_float(),
                .is_strict = true},
          self.factor);
    visit(Field{.name = "learn-factor", .help = "Learn the factors"}, self.learn_factor);
  }

  Shape output_shape(const Shape& input) const { return input; }
  std::int64_t parameter_count(const Shape& input) const {
    return learn_factor ? element_count(input) : 0;
  }

  bool operator==(const GradedSpikesSpec&) const = default;
};

}  // namespace snn
