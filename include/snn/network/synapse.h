#pragma once

#include "snn/network/pass.h"
#include "snn/network/seeds.h"
#include "snn/network/sequence.h"

namespace snn {

/// An operation between the input of a layer and its neurons. Its module comes with an overload of
/// make_synapse(spec, input shape, seeds).
class Synapse {
 public:
  virtual ~Synapse() = default;

  /// Maps `input`, (T,B,...) or, if constant, (B,...), to an output of shape output_shape(). A
  /// constant input stays constant in every operation that treats all steps alike.
  virtual Sequence forward(const Sequence& input, const Pass& pass) = 0;

  /// True if in training a sample's output depends on the other samples of its batch.
  virtual bool needs_whole_batch() const { return false; }
};

}  // namespace snn
