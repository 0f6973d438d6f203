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

/// What a curve shows of a row of metrics.csv.
using Value = std::function<std::optional<double>(const MetricsRow&)>;

/// A metric, shares in percent. An accuracy before training is that of guessing, far from all
/// others: empty there.
Value shown(const Metric& metric);
/// The accuracy by spike counts alone; empty where the outputs are logits.
std::optional<double> test_count_accuracy(const MetricsRow& row);

/// `value` over the epochs; rows that do not have it are left out.
Series curve(const std::string& name, const std::vector<MetricsRow>& rows, const Value& value,
             int color);

/// A chart of curves over epochs. The axis of losses is logarithmic where they span much.
/// `remark` is added to the label of the accuracy.
Chart accuracy_chart(const std::string& title, std::vector<Series> series,
                     const std::string& remark = "");
Chart loss_chart(const std::string& title, std::vector<Series> series);
Chart epoch_chart(const std::string& title, const Axis& y, std::vector<Series> series);

/// ", before training 10.42 %", or nothing where that is not known.
std::string untrained_remark(const std::vector<MetricsRow>& rows);

/// The mean of curves with its standard deviation as a band, over the epochs that all of them have.
Series mean_curve(std::span<const Series> curves);

}  // namespace snn::report
