#pragma once

#include <string>

#include "snn/train/checkpoint.h"
#include "snn/train/run_directory.h"

namespace snn {

/// Throws Error(kCheckpoint) unless everything in a checkpoint is in its range and consistent: the
/// progress, the network with the options, the weights with the network, all values finite. Checks
/// that need the data are left to restore().
void check(const Checkpoint& checkpoint);

/// The tensor in which a value is infinite or NaN, and that value: "fc1.weight holds nan"; empty if
/// there is none.
std::string not_finite(const HostTensors& tensors);

/// The end of a message about a run that cannot resume: names its intact checkpoint, if there is
/// one.
std::string last_good_checkpoint(const RunDirectory& run);

}  // namespace snn
