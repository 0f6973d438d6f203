#pragma once

namespace snn {

/// Options of Relu, the neuron of ordinary networks: it has none.
struct ReluOptions {
  bool operator==(const ReluOptions&) const = default;
};

}  // namespace snn
