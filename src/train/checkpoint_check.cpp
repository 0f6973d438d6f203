#include "train/checkpoint_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {
namespace {

// Random numbers are keyed by 32-bit counts of epochs and batches.
constexpr std::int64_t kMostCounted = std::numeric_limits<std::uint32_t>::max() - 1;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ExitCode::kCheckpoint, "damaged or not made by snn-train: " + why);
}

void require_range(const std::string& name, std::int64_t value, std::int64_t first,
                   std::int64_t last) {
  if (value >= first && value <= last) return;
  refuse(name + ": expected " + std::to_string(first) + " to " + std::to_string(last) + ", found " +
         std::to_string(value));
}

void require_finite(const std::string& name, double value) {
  if (!std::isfinite(value))
    refuse(name + ": expected a finite number, found " + format_real(value));
}

// Every epoch has the same number of batches, from which the step follows.
void check_step(const Progress& progress, std::int64_t step) {
  require_range("epoch", progress.epoch, 0, kMostCounted);
  require_range("batch", progress.batch, 0, kMostCounted);
  const std::int64_t before = step - progress.batch;  // steps of the completed epochs
  const std::int64_t batches = progress.epoch > 0 ? before / progress.epoch : kMostCounted;
  const bool fits = step >= progress.batch &&
                    (progress.epoch > 0 ? before % progress.epoch == 0 : before == 0) &&
                    batches >= std::max<std::int64_t>(progress.batch, 1) && batches <= kMostCounted;
  if (!fits) {
    refuse("step " + std::to_string(step) + " does not match epoch " +
           std::to_string(progress.epoch) + ", batch " + std::to_string(progress.batch));
  }
}

void check_sums(const Progress& progress, std::int64_t samples_per_step) {
  const EpochSums& sums = progress.sums;
  // All steps of an epoch have as many samples, except the last.
  const std::int64_t most = progress.batch * samples_per_step;
  const std::int64_t least = progress.batch == 0 ? 0 : most - samples_per_step + 1;
  require_range("samples", sums.samples, least, most);
  require_range("correct", sums.correct, 0, sums.samples);
  require_finite("loss_sum", sums.loss);
  require_finite("penalty_sum", sums.penalty);
  require_finite("gradient_norm_sum", sums.gradient_norm);
}

void check_best(const Progress& progress) {
  if (!progress.best) return;
  require_range("best epoch", progress.best->epoch, 1, progress.epoch);
  require_finite("best value", progress.best->value);
}

void check_network(const Checkpoint& checkpoint) {
  const NetworkSpec& network = checkpoint.network;
  const std::int64_t classes = class_count(classes_of(checkpoint.config), output_count(network));
  if (network == network_spec(checkpoint.config, network.sample_shape, classes)) return;
  refuse("its network, " + summary_of(network) + ", does not match its options");
}

// This check precedes the engine's allocations: a few bytes can describe a huge network.
void check_weights(const Checkpoint& checkpoint) {
  const NetworkSpec& network = checkpoint.network;
  const auto check_weight = [&](const std::string& name, const Shape& shape) {
    const auto found = checkpoint.state.tensors.find(name);
    if (found == checkpoint.state.tensors.end()) refuse("the tensor '" + name + "' is missing");
    if (found->second.shape != shape) {
      refuse("the tensor '" + name + "' has a different shape than in the network, " +
             std::to_string(shape[0]) + " by " + std::to_string(shape[1]));
    }
  };
  Shape input = network.sample_shape;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const auto& chain = network.layers[i].synapse;
    for (std::size_t k = 0; k < chain.size(); ++k) {
      const auto check_operation = [&](const auto& operation) {
        if constexpr (requires { operation.outputs; }) {
          check_weight(synapse_name(network, i, k) + ".weight",
                       {operation.outputs, element_count(input)});
        }
      };
      std::visit(check_operation, chain[k]);
      input = output_shape(chain[k], input);
    }
  }
}

// The progress of the file, if it is intact.
std::string good_checkpoint(const std::filesystem::path& path) {
  try {
    const Progress progress = load_checkpoint(path).progress;
    return path.string() + ", after epoch " + std::to_string(progress.epoch) +
           (progress.batch > 0 ? ", batch " + std::to_string(progress.batch) : "");
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

void check(const Checkpoint& checkpoint) {
  check_step(checkpoint.progress, checkpoint.state.step);
  check_sums(checkpoint.progress, samples_per_step(checkpoint.config));
  check_best(checkpoint.progress);
  check_network(checkpoint);
  check_weights(checkpoint);
  const std::string problem = not_finite(checkpoint.state.tensors);
  if (!problem.empty()) {
    throw Error(ExitCode::kCheckpoint, problem + ": training had diverged; use another checkpoint");
  }
}

std::string not_finite(const HostTensors& tensors) {
  const auto is_lost = [](float value) { return !std::isfinite(value); };
  for (const auto& [name, tensor] : tensors) {
    // The loop has no branch, since it reads every value.
    std::size_t lost = 0;
    for (const float value : tensor.values) lost += is_lost(value) ? 1 : 0;
    if (lost == 0) continue;
    const float first = *std::find_if(tensor.values.begin(), tensor.values.end(), is_lost);
    return name + " holds " + format_real(static_cast<double>(first));
  }
  return "";
}

std::string last_good_checkpoint(const RunDirectory& run) {
  for (const auto& path : {run.last(), run.best()}) {
    const std::string good = good_checkpoint(path);
    if (!good.empty()) return "The last good checkpoint is " + good;
  }
  return "It has no good checkpoint";
}

}  // namespace snn
