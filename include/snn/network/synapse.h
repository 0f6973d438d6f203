#pragma once

#include "snn/network/pass.h"
#include "snn/network/seeds.h"
#include "snn/network/sequence.h"

namespace snn {

/// An operation between what a layer is given and its neurons. A module that is one has an overload
/// of make_synapse(spec, input shape, seeds) beside it.
class Synapse {
 public:
  virtual ~Synapse() = default;

  /// Makes of `input`, (T,B,...) or, if constant, (B,...), what its shape becomes by
  /// output_shape(). What is constant stays so through every operation that treats all steps alike.
  virtual Sequence forward(const Sequence& input, const Pass& pass) = 0;

  /// Whether in training a sample's result depends on the other samples of its batch.
  virtual bool needs_whole_batch() const { return false; }
};

}  // namespace snn
