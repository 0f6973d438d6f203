#pragma once

/// The modules of all operations of SynapseSpec.

#include "snn/network/synapses/dropout.h"
#include "snn/network/synapses/linear.h"
