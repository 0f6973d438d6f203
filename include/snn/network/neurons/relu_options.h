#pragma once

#include <string_view>

namespace snn {

/// Options of Relu, the non-spiking rectified linear unit: it has none.
struct ReluOptions {
  static constexpr std::string_view kName = "relu";
  static constexpr std::string_view kModule = "relu";
  static constexpr bool kSpikes = false;

  template <class Self, class Visit>
  static void fields(Self&, Visit) {}

  bool operator==(const ReluOptions&) const = default;
};

}  // namespace snn
