#include "report/curves.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "numeric/spread.h"
#include "text/message.h"

namespace snn::report {
namespace {

// True if the largest value is many times the smallest.
bool spans_much(const std::vector<Series>& series) {
  constexpr double kMuch = 4;
  double least = HUGE_VAL, most = 0;
  for (const Series& each : series) {
    for (const Point& point : each.points) {
      least = std::min(least, point.y);
      most = std::max(most, point.y);
    }
  }
  return least > 0 && most > kMuch * least;
}

}  // namespace

Value shown(const Metric& metric) {
  return [metric](const MetricsRow& row) -> std::optional<double> {
    const std::optional<double> value = metric.value(row);
    if (metric.unit != Unit::kShare || !value) return value;
    return row.epoch == 0 ? std::nullopt : std::optional(100 * *value);
  };
}

std::optional<double> test_count_accuracy(const MetricsRow& row) {
  const bool is_of_logits = !metric::kTestWithoutSpikes.value(row);
  return is_of_logits ? std::nullopt : shown(metric::kTestCountAccuracy)(row);
}

Series curve(const std::string& name, const std::vector<MetricsRow>& rows, const Value& value,
             int color) {
  Series series;
  series.name = name;
  series.color = color;
  for (const MetricsRow& row : rows) {
    if (const auto y = value(row)) series.points.push_back({static_cast<double>(row.epoch), *y});
  }
  return series;
}

Chart epoch_chart(const std::string& title, const Axis& y, std::vector<Series> series) {
  Chart chart;
  chart.title = title;
  chart.x.label = "epoch";
  chart.x.low = 0;
  chart.x.is_whole = true;
  double last = 1;
  for (const Series& each : series) {
    if (!each.points.empty()) last = std::max(last, each.points.back().x);
  }
  chart.x.high = last;
  Panel panel;
  panel.y = y;
  panel.series = std::move(series);
  chart.panels.push_back(std::move(panel));
  return chart;
}

Chart accuracy_chart(const std::string& title, std::vector<Series> series,
                     const std::string& remark) {
  Axis y;
  y.label = "accuracy (%)" + remark;
  return epoch_chart(title, y, std::move(series));
}

Chart loss_chart(const std::string& title, std::vector<Series> series) {
  Axis y;
  y.is_log = spans_much(series);
  y.label = y.is_log ? "loss, logarithmic" : "loss";
  return epoch_chart(title, y, std::move(series));
}

std::string untrained_remark(const std::vector<MetricsRow>& rows) {
  if (rows.empty() || rows.front().epoch != 0 || !rows.front().test.accuracy) return "";
  return ", before training " + format_percent(*rows.front().test.accuracy);
}

Series mean_curve(std::span<const Series> curves) {
  std::map<double, std::vector<double>> at;
  for (const Series& series : curves) {
    for (const Point& point : series.points) at[point.x].push_back(point.y);
  }
  Series mean;
  for (const auto& [x, values] : at) {
    if (values.size() != curves.size()) continue;
    const Spread spread = spread_of(values);
    mean.points.push_back({x, spread.mean});
    mean.spread.push_back(spread.sd);
  }
  return mean;
}

}  // namespace snn::report
