#pragma once

/// Every kind of operations of SynapseSpec as a module.

#include "snn/network/synapses/linear.h"
