#pragma once

/// The modules of all neuron models of NeuronSpec.

#include "snn/network/neurons/adlif.h"
#include "snn/network/neurons/alpha.h"
#include "snn/network/neurons/delta_leaky.h"
#include "snn/network/neurons/lapicque.h"
#include "snn/network/neurons/leaky.h"
#include "snn/network/neurons/leaky_parallel.h"
#include "snn/network/neurons/li.h"
#include "snn/network/neurons/plif.h"
#include "snn/network/neurons/relu.h"
#include "snn/network/neurons/rleaky.h"
#include "snn/network/neurons/rsynaptic.h"
#include "snn/network/neurons/slstm.h"
#include "snn/network/neurons/state_leaky.h"
#include "snn/network/neurons/synaptic.h"
