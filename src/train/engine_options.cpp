#include "snn/train/engine_options.h"

#include "snn/text/error.h"

namespace snn {
namespace {

// Outputs without spikes have no first one.
void check_first_spikes(const Config& config, const NetworkSpec& network) {
  if (has_spikes(network.layers.back().neuron)) return;
  const std::string why = ": the output neurons have no spikes, and so no first spike";
  for (const LossTerm& term : config.loss.terms) {
    if (!reads_first_spikes(term.kind)) continue;
    throw Error(ExitCode::kUsage, "loss " + std::string(name_of(term.kind)) + why);
  }
  if (config.decision == Decision::kTemporal) {
    throw Error(ExitCode::kUsage, "decision temporal" + why);
  }
}

}  // namespace

EngineOptions engine_options(const Config& config, const NetworkSpec& network,
                             const std::string& device, int threads) {
  check_first_spikes(config, network);
  EngineOptions options;
  options.network = network;
  options.steps = config.steps;
  options.loss = config.loss;
  options.classes = classes_of(config);
  options.regularizer = config.regularize;
  options.decision = config.decision;
  options.optimizer = {config.optimizer,      config.momentum, config.weight_decay,
                       config.clip_grad_norm, config.max_norm, config.ema};
  if (config.accumulate > 1) options.micro_batch = config.batch_size;
  options.tbptt = config.tbptt;
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.device = device;
  options.threads = threads;
  options.simd = config.simd;
  return options;
}

}  // namespace snn
