#pragma once

#include <cstdint>
#include <vector>

#include "snn/engine/communicator.h"

namespace snn {

/// Makes of `gradients`, which are those of the mean loss over this rank's `samples`, those of the
/// mean loss over the samples of all ranks. False where the loss of one of them is not finite
/// (`has_finite_loss`): no rank may take the step then. Every rank has to call it in every step.
bool average_over_ranks(Communicator& communicator, bool has_finite_loss, std::int64_t samples,
                        std::vector<float>& gradients);

/// The norm of all of them together.
double norm_of(const std::vector<float>& gradients);

}  // namespace snn
