#include "snn/train/engine_options.h"

namespace snn {

EngineOptions engine_options(const Config& config, const NetworkSpec& network,
                             const std::string& device, int threads) {
  EngineOptions options;
  options.network = network;
  options.steps = config.steps;
  options.loss = config.loss;
  options.decision = config.decision;
  options.optimizer = {config.optimizer, config.momentum, config.weight_decay,
                       config.clip_grad_norm};
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.device = device;
  options.threads = threads;
  options.simd = config.simd;
  return options;
}

}  // namespace snn
