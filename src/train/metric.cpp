#include "train/metric.h"

#include <algorithm>
#include <span>

namespace snn {

std::vector<Metric> all_metrics() {
  std::vector<Metric> all;
  for (const std::span<const Metric> part :
       {std::span<const Metric>(kResults), std::span<const Metric>(kDecisions),
        std::span<const Metric>(kOfOptions), std::span<const Metric>(kTimes)}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

const Metric* find_metric(std::string_view key) {
  static const std::vector<Metric> all = all_metrics();
  const auto found = std::ranges::find_if(all, [&](const Metric& metric) {
    return metric.key == key || (!metric.old_key.empty() && metric.old_key == key);
  });
  return found == all.end() ? nullptr : &*found;
}

bool is_share(std::string_view key) {
  if (const Metric* metric = find_metric(key)) return metric->unit == Unit::kShare;
  const auto found = std::ranges::find(kLayerMetrics, key, &LayerMetric::key);
  const bool is_of_layers = found != std::end(kLayerMetrics) && found->unit == Unit::kShare;
  return is_of_layers || key == kUntrainedAccuracy;
}

std::string title_of(std::string_view key) {
  std::string title(key);
  std::ranges::replace(title, '_', ' ');
  return title;
}

}  // namespace snn
