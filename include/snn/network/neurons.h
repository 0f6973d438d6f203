#pragma once

/// Every kind of neurons of NeuronSpec as a module.

#include "snn/network/neurons/lapicque.h"
#include "snn/network/neurons/leaky.h"
#include "snn/network/neurons/relu.h"
