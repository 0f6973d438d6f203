#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/chart.h"
#include "snn/train/metrics.h"
#include "train/metric.h"

namespace snn::report {

/// The value of a curve in a row of metrics.csv.
using Value = std::function<std::optional<double>(const MetricsRow&)>;

/// A metric, shares in percent. Accuracies before training are omitted, because guessing is far
/// from all other values.
Value shown(const Metric& metric);
/// The accuracy by spike counts alone; empty where the outputs are logits.
std::optional<double> test_count_accuracy(const MetricsRow& row);

/// `value` over the epochs; rows without it are omitted.
Series curve(const std::string& name, const std::vector<MetricsRow>& rows, const Value& value,
             int color);

/// A chart of curves over epochs. The loss axis is logarithmic if losses span a wide range.
/// `remark` is appended to the accuracy's label.
Chart accuracy_chart(const std::string& title, std::vector<Series> series,
                     const std::string& remark = "");
Chart loss_chart(const std::string& title, std::vector<Series> series);
Chart epoch_chart(const std::string& title, const Axis& y, std::vector<Series> series);

/// ", before training 10.42 %", or nothing if unknown.
std::string untrained_remark(const std::vector<MetricsRow>& rows);

/// The mean of curves with its standard deviation as a band, over the epochs common to all.
Series mean_curve(std::span<const Series> curves);

}  // namespace snn::report
