#include "text/aliases.h"

#include <algorithm>
#include <cctype>

#include "snn/text/text.h"
#include "text/message.h"

namespace snn {
namespace {

// The names come from snnTorch, SpikingJelly, Norse, PyTorch's examples, Lightning, Ultralytics and
// Hugging Face.
constexpr Alias kAliases[] = {
    {"dataset", "", "dataset-name"},
    {"data-dir", "", "data-path data-root data-folder dataset-dir dataset-path root"},
    {"limit-train", "", "max-train-samples num-train n-train train-size"},
    {"limit-test", "", "max-test-samples max-eval-samples num-test n-test test-size"},
    {"validation", "", "num-val n-val val-size valid-size validation-size"},
    {"hidden", "",
     "hidden-size hidden-sizes hidden-dim hidden-dims hidden-units hidden-features hidden-neurons "
     "num-hidden n-hidden num-hidden-units hidden-width hidden-widths"},
    {"steps", "",
     "num-steps n-steps timesteps time-steps num-timesteps n-timesteps num-time-steps "
     "simulation-steps sim-steps T"},
    {"neuron", "", "neuron-type neuron-model neuron-kind"},
    {"beta", "", "beta-decay decay-rate membrane-decay mem-decay"},
    {"threshold", "", "thresh thr v-threshold v-th vth spike-threshold firing-threshold"},
    {"reset", "", "reset-mechanism reset-mode reset-type"},
    {"surrogate", "",
     "spike-grad surrogate-function surrogate-fn surrogate-grad surrogate-gradient"},
    {"learn-beta", "", "learnable-beta train-beta beta-learnable"},
    {"learn-threshold", "", "learnable-threshold train-threshold learn-thr"},
    {"loss", "", "loss-fn loss-function criterion objective"},
    {"epochs", "", "epoch num-epochs n-epochs max-epochs num-train-epochs nb-epochs"},
    {"batch-size", "", "bs batch train-batch-size per-device-train-batch-size mini-batch-size"},
    {"accumulate", "",
     "accumulate-grad-batches gradient-accumulation-steps grad-accum-steps accum-iter"},
    {"dropout", "", "drop dropout-rate drop-rate dropout-p"},
    {"ema", "", "ema-decay model-ema-decay"},
    {"tbptt", "", "tbptt-steps truncated-bptt-steps"},
    {"lr", "", "learning-rate lr0 init-lr base-lr initial-lr"},
    {"optimizer", "", "optim opt optimiser"},
    {"weight-decay", "", "wd l2-penalty"},
    {"lr-schedule", "", "scheduler lr-scheduler lr-scheduler-type schedule"},
    {"lr-warmup", "", "warmup warmup-epochs lr-warmup-epochs"},
    {"clip-grad-norm", "",
     "gradient-clip-val gradient-clip grad-clip clip-grad grad-clip-norm max-grad-norm "
     "gradient-clip-norm clip-norm"},
    {"patience", "", "early-stopping-patience early-stop-patience es-patience"},
    {"seed", "", "random-seed manual-seed rng-seed random-state"},
    {"device", "", "accelerator"},
    {"threads", "", "num-threads n-threads cpu-threads"},
    {"out-dir", "", "output output-dir save-dir out default-root-dir results-dir result-dir"},
    {"run-name", "", "name exp-name experiment-name experiment"},
    {"resume", "", "resume-from resume-from-checkpoint ckpt-path resume-path"},
    {"quiet", "", "silent"},
    {"progress", "", "progress-bar enable-progress-bar"},
    {"tensorboard", "", "tb use-tensorboard"},
    {"config", "", "cfg config-file config-path"},
    {"out", "", "output output-file"},
    {"jobs", "", "num-jobs n-jobs"},
    {"dataset", "fashion-mnist", "fashion fmnist f-mnist"},
    {"encoding", "rate", "poisson bernoulli rate-code"},
    {"encoding", "latency", "latency-code ttfs time-to-first-spike"},
    {"hidden", "none", "null"},
    {"neuron", "leaky", "LIF leaky-integrate-and-fire"},
    {"reset", "subtract", "soft soft-reset subtraction reset-by-subtraction"},
    {"reset", "zero", "hard hard-reset reset-to-zero"},
    {"surrogate", "atan", "arctan"},
    {"surrogate", "triangular", "triangle"},
    {"surrogate", "straight-through", "STE straight-through-estimator"},
    {"surrogate", "sfs", "sparse-fast-sigmoid"},
    {"surrogate", "sso", "stochastic-spike-operator"},
    {"surrogate", "lso", "leaky-spike-operator"},
    {"loss", "ce-membrane", "ce-membrane-loss"},
    {"loss", "ce-rate", "ce-rate-loss"},
    {"loss", "ce-count", "ce-count-loss"},
    {"loss", "ce-max-membrane", "ce-max-membrane-loss"},
    {"loss", "mse-count", "mse-count-loss"},
    {"loss", "mse-membrane", "mse-membrane-loss"},
    {"loss", "ce-temporal", "ce-temporal-loss"},
    {"loss", "mse-temporal", "mse-temporal-loss"},
    {"lr-schedule", "none", "constant constant-lr"},
    {"lr-schedule", "cosine", "cos cosine-annealing cosine-annealing-lr"},
    {"lr-schedule", "step", "step-lr"},
    {"device", "cuda", "gpu"},
    {"log-level", "warning", "warn"},
    {"log-level", "off", "none silent"},
};

// Ambiguous or approximate names: they are refused, and the message suggests the options meant.
constexpr Alias kNear[] = {
    {"dataset", "", "data"},
    {"data-dir", "", "data"},
    {"hidden", "", "hidden-layers num-layers n-layers layer-sizes layer-size width units"},
    {"steps", "", "time-step num-bins time-window seq-len dt"},
    {"beta", "", "tau decay leak alpha"},
    {"reset", "", "v-reset"},
    {"surrogate", "", "slope"},
    {"validation", "", "val-split validation-split valid-split val-fraction"},
    {"limit-train", "", "limit-train-batches subset fraction"},
    {"limit-test", "", "limit-val-batches limit-test-batches"},
    {"patience", "", "early-stopping early-stop"},
    {"weight-decay", "", "l2 regularization"},
    {"lr-schedule", "", "cos-lr lr-decay gamma step-size"},
    {"device", "", "gpu gpus cuda devices no-cuda use-cuda"},
    {"threads", "", "workers num-workers n-workers num-jobs n-jobs jobs cpus"},
    {"jobs", "", "workers num-workers n-workers"},
    {"out-dir", "", "project log-dir checkpoint-dir save-path"},
    {"resume", "", "checkpoint ckpt load weights pretrained"},
    {"log-level", "", "verbose verbosity debug"},
    {"json", "", "format"},
    {"loss", "ce-rate", "cross-entropy cross-entropy-loss ce"},
    {"loss", "ce-count", "cross-entropy cross-entropy-loss ce"},
    {"loss", "mse-count", "mse mse-loss"},
    {"loss", "mse-membrane", "mse mse-loss"},
    {"optimizer", "adam", "rmsprop adamax nadam radam"},
    {"surrogate", "fast-sigmoid", "super-spike superspike"},
    {"neuron", "leaky", "synaptic alpha"},
};

bool is_among(std::string_view plain, std::string_view others) {
  return std::ranges::any_of(split(others, ' '),
                             [&](const std::string& other) { return plain_name(other) == plain; });
}

// The candidates that the rows of a table map `text` to. Without an option, these are options.
std::vector<std::string> meant(std::span<const Alias> table, std::string_view option,
                               std::string_view text, const std::vector<std::string>& candidates) {
  const std::string plain = plain_name(text);
  std::vector<std::string> found;
  for (const Alias& alias : table) {
    if (option.empty() ? !alias.value.empty() : alias.option != option || alias.value.empty()) {
      continue;
    }
    const std::string ours(option.empty() ? alias.option : alias.value);
    if (is_among(plain, alias.others) && std::ranges::find(candidates, ours) != candidates.end()) {
      found.push_back(ours);
    }
  }
  return found;
}

std::string meant_one(std::string_view option, std::string_view text,
                      const std::vector<std::string>& candidates) {
  const std::string plain = plain_name(text);
  const auto same = std::ranges::find_if(
      candidates, [&](const std::string& name) { return plain_name(name) == plain; });
  if (same != candidates.end()) return *same;
  const std::vector<std::string> found = meant(kAliases, option, text, candidates);
  return found.size() == 1 ? found[0] : "";
}

// The candidate whose spelling, or whose alias's spelling, is close to `text`.
std::string nearly(std::string_view option, std::string_view text,
                   const std::vector<std::string>& candidates) {
  const std::string word = lower_case(kebab_case(text));
  const std::string spelled = nearest(word, candidates);
  if (!spelled.empty()) return spelled;
  std::vector<std::string> others;
  for (const Alias& alias : kAliases) {
    if (option.empty() ? !alias.value.empty() : alias.option != option) continue;
    for (const std::string& other : split(alias.others, ' ')) {
      if (other.size() > 3) others.push_back(lower_case(other));
    }
  }
  return meant_one(option, nearest(word, others), candidates);
}

std::string suggested(std::string_view option, std::string_view text,
                      const std::vector<std::string>& candidates, std::string_view prefix) {
  std::vector<std::string> names = meant(kNear, option, text, candidates);
  if (names.empty()) names = meant(kAliases, option, text, candidates);
  const std::string near = names.empty() ? nearly(option, text, candidates) : "";
  if (!near.empty()) names.push_back(near);
  if (names.empty()) return "";
  for (std::string& name : names) {
    name = prefix.empty() ? "'" + name + "'" : std::string(prefix) + name;
  }
  return " (did you mean " + one_of(names) + "?)";
}

}  // namespace

std::span<const Alias> aliases() { return kAliases; }

std::string plain_name(std::string_view name) {
  std::string plain = lower_case(name);
  std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == ' '; });
  return plain;
}

std::string meant_option(std::string_view name, const std::vector<std::string>& candidates) {
  return meant_one("", name, candidates);
}

std::string meant_value(std::string_view option, std::string_view text,
                        const std::vector<std::string>& candidates) {
  const std::string found = meant_one(option, text, candidates);
  return found.empty() ? std::string(text) : found;
}

std::string suggested_option(std::string_view name, const std::vector<std::string>& candidates,
                             std::string_view prefix) {
  return suggested("", name, candidates, prefix);
}

std::string suggested_value(std::string_view option, std::string_view text,
                            const std::vector<std::string>& candidates) {
  return suggested(option, text, candidates, "");
}

std::string aliases_as_markdown() {
  std::string table = "| Name here | Also accepted |\n|---|---|\n";
  for (const Alias& alias : kAliases) {
    const std::string value = alias.value.empty() ? "" : " " + std::string(alias.value);
    table += "| `--" + std::string(alias.option) + value + "` | `" +
             join(split(alias.others, ' '), "`, `") + "` |\n";
  }
  return table;
}

}  // namespace snn
