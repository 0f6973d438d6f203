#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "snn/network/field.h"
#include "snn/text/names.h"

namespace snn {

/// How the spikes of a layer of recurrent neurons come back to it one step later.
enum class Recurrence {
  kOneToOne,  ///< each neuron's own, times its weight V      snnTorch all_to_all=False
  kDense,     ///< all to all, by a weight matrix and a bias  snnTorch linear_features
};
template <>
struct Names<Recurrence> {
  static constexpr std::pair<Recurrence, std::string_view> table[] = {
      {Recurrence::kOneToOne, "one-to-one"}, {Recurrence::kDense, "dense"}};
};

inline Field recurrence_field() {
  return {.name = "recurrence",
          .help = "Recurrent connections: each neuron to itself, or all to all",
          .shapes_membrane = true};
}

/// Learned with either recurrence; its own value is that of one-to-one.
inline Field recurrent_field() {
  return {.name = "recurrent",
          .help = "Recurrent weight V of one-to-one recurrence",
          .snntorch = "V",
          .range = Range().in_float(),
          .shapes_membrane = true};
}

/// True if recurrent neurons have a tensor of that field: V belongs to one-to-one recurrence.
inline bool has_recurrent_tensor(const Field& field, Recurrence recurrence) {
  return recurrence == Recurrence::kOneToOne || field.name != recurrent_field().name;
}

/// The number of values in a learned dense recurrence of `neurons` neurons.
inline std::int64_t recurrent_parameters(Recurrence recurrence, bool is_learned,
                                         std::int64_t neurons) {
  return recurrence == Recurrence::kDense && is_learned ? neurons * (neurons + 1) : 0;
}

}  // namespace snn
