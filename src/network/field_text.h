#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "snn/network/field.h"
#include "snn/network/per_neuron.h"
#include "snn/network/surrogate.h"
#include "snn/text/names.h"
#include "snn/text/text.h"
#include "text/codec.h"

namespace snn {

// Conversions between the value of a field and text, by type. Text can state only one value of a
// PerNeuron; lists need JSON.

inline codec::Codec<bool> codec_of(const Field&, const bool&) { return codec::boolean(); }

inline codec::Codec<std::int64_t> codec_of(const Field& field, const std::int64_t&) {
  return codec::integer(field.range);
}

inline codec::Codec<double> codec_of(const Field& field, const double&) {
  return codec::real(field.range);
}

inline codec::Codec<Surrogate> codec_of(const Field&, const Surrogate&) {
  return codec::parameterised(parse_surrogate, all_names<SurrogateKind>());
}

codec::Codec<PerNeuron> codec_of(const Field& field, const PerNeuron&);

template <class E>
requires std::is_enum_v<E> codec::Codec<E> codec_of(const Field& field, const E&) {
  return codec::name<E>(field.name);
}

/// A readable text for people: "beta=0.95, threshold=1, reset=subtract, …", with `learn_beta` for
/// each learned parameter.
template <class Options>
std::string fields_text(const Options& options) {
  std::vector<std::string> pieces;
  options.fields(options, [&](const Field& field, const auto& value, const auto&...) {
    pieces.push_back(with_underscores(field.name) + "=" + codec_of(field, value).format(value));
  });
  visit_learnable(options, [&](const Field& field, const auto&, bool is_learned) {
    if (is_learned) pieces.push_back(with_underscores(learn_field(field).name));
  });
  return join(pieces, ", ");
}

}  // namespace snn
