#pragma once

#include <string>

#include "snn/train/checkpoint.h"
#include "snn/train/run_directory.h"

namespace snn {

/// Throws Error(kCheckpoint) unless everything in a checkpoint that was read is in its range and of
/// one mind: the progress, the network with the options, the weights with the network, all values
/// finite. What only the data can tell is left to restore().
void check(const Checkpoint& checkpoint);

/// The tensor in which a value is infinite or NaN, and that value: "fc1.weight holds nan"; empty if
/// there is none.
std::string not_finite(const HostTensors& tensors);

/// How a message on a run that cannot go on ends: which of its checkpoints is whole, if one is.
std::string last_good_checkpoint(const RunDirectory& run);

}  // namespace snn
