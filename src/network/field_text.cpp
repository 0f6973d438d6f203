#include "network/field_text.h"

namespace snn {

codec::Codec<PerNeuron> codec_of(const Field& field, const PerNeuron&) {
  const codec::Codec<double> real = codec::real(field.range);
  const auto parse = [real](std::string_view text, PerNeuron& value) {
    double number = 0;
    std::string problem = real.parse(text, number);
    if (problem.empty()) value = number;
    return problem;
  };
  const auto format = [real](const PerNeuron& value) {
    return value.values.size() == 1 ? real.format(value.values[0]) : std::string("per neuron");
  };
  return {real.value, real.choices, parse, format};
}

}  // namespace snn
