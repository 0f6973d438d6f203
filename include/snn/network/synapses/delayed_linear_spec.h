#pragma once

#include <cstdint>
#include <string_view>

#include "snn/network/field.h"
#include "snn/network/synapses/delay_spec.h"
#include "snn/network/synapses/linear_spec.h"
#include "snn/numeric/shape.h"

namespace snn {

/// A fully connected synapse with a delay of each connection (DelayedLinear).
struct DelayedLinearSpec {
  static constexpr std::string_view kName = "delayed-linear";
  static constexpr std::string_view kModule = "fc";

  std::int64_t outputs = 0;
  bool bias = true;
  std::int64_t max_delay = 0;
  bool learn_delay = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit visit) {
    LinearSpec::fields(self, visit);
    visit(max_delay_field(), self.max_delay);
    visit(learn_delay_field(), self.learn_delay);
  }

  Shape output_shape(const Shape&) const { return {outputs}; }
  std::int64_t parameter_count(const Shape& input) const {
    return (element_count(input) * (learn_delay ? 2 : 1) + (bias ? 1 : 0)) * outputs;
  }

  bool operator==(const DelayedLinearSpec&) const = default;
};

}  // namespace snn
