#include "sweep/wandb.h"

#include <algorithm>
#include <array>

#include "snn/text/text.h"
#include "text/message.h"

namespace snn {

bool is_only_of_wandb(std::string_view key) {
  constexpr std::array<std::string_view, 14> kKeys = {
      "program", "project",   "entity",   "description", "command",   "controller", "job",
      "queue",   "image_uri", "imageuri", "launch",      "scheduler", "prior_runs", "$schema"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

std::string early_terminate_note(const YAML::Node& node) {
  const auto text_of = [&](const char* key, const std::string& otherwise) {
    if (!node.IsMap()) return otherwise;
    const YAML::Node value = node[key];
    return value && value.IsScalar() ? value.Scalar() : otherwise;
  };
  return "early_terminate is ignored: every run trains all its epochs; to train only the better "
         "settings longer, use method: successive-halving with min_epochs: " +
         text_of("min_iter", "1") + " and eta: " + text_of("eta", "3");
}

std::string meant_metric(std::string_view name, const std::vector<std::string>& metrics) {
  std::string spaced = lower_case(name);
  std::ranges::replace_if(
      spaced, [](char c) { return c == '_' || c == '/' || c == '.' || c == '-'; }, ' ');
  std::string part = "test", what;
  for (const std::string& word : split(spaced, ' ')) {
    if (word == "val" || word == "valid" || word == "validation" || word == "dev") {
      part = "validation";
    }
    if (word == "train" || word == "training") part = "train";
    if (word.starts_with("acc") || word == "top1") what = "accuracy";
    if (word == "loss") what = "loss";
  }
  const std::string meant = part + "_" + what;
  return std::ranges::find(metrics, meant) == metrics.end() ? "" : meant;
}

}  // namespace snn
