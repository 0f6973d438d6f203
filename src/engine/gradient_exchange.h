#pragma once

#include <cstdint>
#include <vector>

#include "snn/engine/communicator.h"

namespace snn {

/// Replaces `gradients`, those of the mean loss over this rank's `samples`, by those of the mean
/// loss over the samples of all ranks. False if the loss of any rank is not finite
/// (`has_finite_loss`): no rank may take the step then. Every rank must call it in every step.
bool average_over_ranks(Communicator& communicator, bool has_finite_loss, std::int64_t samples,
                        std::vector<float>& gradients);

/// The norm of all gradients together.
double norm_of(const std::vector<float>& gradients);

}  // namespace snn
