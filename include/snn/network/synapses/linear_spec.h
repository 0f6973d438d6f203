#pragma once

#include <cstdint>
#include <string_view>

#include "snn/network/field.h"
#include "snn/numeric/shape.h"

namespace snn {

/// A fully connected synapse: current = W x + b for the flattened input x (Linear).
struct LinearSpec {
  static constexpr std::string_view kName = "linear";
  static constexpr std::string_view kModule = "fc";  ///< fc1, fc2, … in a network

  std::int64_t outputs = 0;
  bool bias = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    visit(Field{.name = "outputs",
                .help = "Neurons that it feeds",
                .range = Range::between(1, 1'000'000),
                .is_strict = true,
                .is_required = true},
          self.outputs);
    visit(Field{.name = "bias", .help = "Add a learned constant to each current"}, self.bias);
  }

  Shape output_shape(const Shape&) const { return {outputs}; }
  std::int64_t parameter_count(const Shape& input) const {
    return (element_count(input) + (bias ? 1 : 0)) * outputs;
  }

  bool operator==(const LinearSpec&) const = default;
};

}  // namespace snn
