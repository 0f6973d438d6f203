#pragma once

/// Everything a program that builds and trains networks of its own needs. Programs that only read
/// data, configurations or checkpoints include those headers alone, which need no torch.

#include "snn/data/batch.h"
#include "snn/data/dataset.h"
#include "snn/decision.h"
#include "snn/engine.h"
#include "snn/error.h"
#include "snn/fused.h"
#include "snn/loss.h"
#include "snn/network.h"
#include "snn/network_spec.h"
#include "snn/neuron.h"
#include "snn/neurons/leaky.h"
#include "snn/neurons/relu.h"
#include "snn/sequence.h"
#include "snn/surrogate.h"
