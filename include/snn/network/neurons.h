#pragma once

/// The modules of all neuron models of NeuronSpec.

#include "snn/network/neurons/lapicque.h"
#include "snn/network/neurons/leaky.h"
#include "snn/network/neurons/relu.h"
