#pragma once

#include <span>

namespace snn {

/// Connects the engines of one data-parallel training: each rank, a process or a thread with an
/// engine of its own, trains on different samples, and all take the same step. The ranks must begin
/// with the same options and the same state.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// Replaces each of `values` by its sum over all ranks, which must be identical on all ranks to
  /// the last bit. Every rank calls it once per step, between gradients and update, with the same
  /// number of values.
  virtual void sum(std::span<float> values) = 0;
};

}  // namespace snn
