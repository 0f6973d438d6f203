#pragma once

/// The public API for programs that build and train their own networks. Programs that only read
/// data, configurations or checkpoints can include just those headers, which need no torch.

#include "snn/data/batch.h"
#include "snn/data/dataset.h"
#include "snn/data/encoding.h"
#include "snn/data/loader.h"
#include "snn/data/source.h"
#include "snn/engine/communicator.h"
#include "snn/engine/device.h"
#include "snn/engine/engine.h"
#include "snn/engine/fused.h"
#include "snn/network/decision.h"
#include "snn/network/loss.h"
#include "snn/network/network.h"
#include "snn/network/network_spec.h"
#include "snn/network/neuron.h"
#include "snn/network/neurons.h"
#include "snn/network/pass.h"
#include "snn/network/regularizer.h"
#include "snn/network/sequence.h"
#include "snn/network/surrogate.h"
#include "snn/network/synapses.h"
#include "snn/text/error.h"
#include "snn/train/engine_options.h"
#include "snn/train/trainer.h"
#include "snn/train/training_run.h"
