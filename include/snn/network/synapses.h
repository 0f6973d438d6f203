#pragma once

/// The modules of all operations of SynapseSpec.

#include "snn/network/synapses/delay.h"
#include "snn/network/synapses/delayed_linear.h"
#include "snn/network/synapses/dropout.h"
#include "snn/network/synapses/graded_spikes.h"
#include "snn/network/synapses/linear.h"
