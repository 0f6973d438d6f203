#include "sweep/results.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "numeric/spread.h"
#include "snn/network/network_spec.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "snn/train/metrics.h"
#include "system/end_signals.h"
#include "system/files.h"
#include "text/csv.h"
#include "text/message.h"
#include "train/metric.h"
#include "train/summary_values.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

// The bytes of a file, or nothing if it cannot be read.
std::string bytes_or_nothing(const fs::path& path) {
  try {
    return read_file(path, ExitCode::kInternal, kLargestTable);
  } catch (const Error&) {
    return "";
  }
}

std::optional<int> read_exit_code(const fs::path& path) {
  long long code = 0;
  const std::string text = bytes_or_nothing(path);
  if (!parse_integer(trimmed(text), code)) return std::nullopt;
  return static_cast<int>(code);
}

// A progress bar overwrites its line: the final text follows the last carriage return.
std::string last_line(const std::string& text) {
  std::string last;
  for (const std::string& line : split(text, '\n')) {
    const std::string_view shown = trimmed(std::string_view(line).substr(line.rfind('\r') + 1));
    if (!shown.empty()) last = shown;
  }
  return last;
}

std::string why_it_failed(int code, const fs::path& log) {
  constexpr int kSignals = 128, kLast = 64;
  if (code > kSignals && code <= kSignals + kLast) {
    return "ended by signal " + std::to_string(code - kSignals) + " (" +
           strsignal(code - kSignals) + ")";
  }
  if (code == 0) return "ended without a summary";
  const std::string line = last_line(bytes_or_nothing(log));
  return line.empty() ? "printed nothing to " + log.string() : line;
}

std::size_t layers_of(const Config& config) {
  return config.layers.empty() ? config.hidden.size() + 1 : layers_from_json(config.layers).size();
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return format_real(value.get<double>());
  return value.is_null() ? "" : value.dump();
}

// The value of a key of a summary, or the item at an index.
std::string summary_text(const Json& summary, std::string_view key,
                         std::optional<std::size_t> index = {}) {
  const Json value = summary_value(summary, key);
  if (!index) return text_of(value);
  return value.is_array() && *index < value.size() ? text_of(value[*index]) : "";
}

std::string total_seconds(const Json& summary) {
  if (!summary.is_object() || !summary.contains("epoch_seconds")) return "";
  double total = 0;
  for (const Json& seconds : summary["epoch_seconds"]) {
    if (!seconds.is_number()) return "";  // an epoch was interrupted
    total += seconds.get<double>();
  }
  return format_real(total);
}

struct Column {
  std::string name;
  std::function<std::string(const PlannedRun&, const RunResult&)> text;
};

Column summary_column(std::string_view key) {
  return {std::string(key), [key = std::string(key)](const PlannedRun&, const RunResult& result) {
            return summary_text(result.summary, key);
          }};
}

std::vector<Column> columns(const Plan& plan) {
  std::size_t layers = 0;
  for (const PlannedRun& run : plan.runs) layers = std::max(layers, layers_of(run.config));
  std::vector<Column> all = {
      {"run", [](const PlannedRun& run, const RunResult&) { return run.name; }},
      {"status", [](const PlannedRun&,
                    const RunResult& result) { return std::string(name_of(result.status)); }},
      {"exit_code", [](const PlannedRun&, const RunResult& result) {
         return result.exit_code ? std::to_string(*result.exit_code) : "";
       }}};
  for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
    all.push_back({plan.parameters[i],
                   [i](const PlannedRun& run, const RunResult&) { return run.values[i]; }});
  }
  all.push_back(
      {"seed", [](const PlannedRun& run, const RunResult&) { return std::to_string(run.seed); }});
  // If epochs are swept, the column of that name holds the requested number.
  Column epochs = summary_column("epochs");
  const bool sweeps_epochs = std::ranges::find(plan.parameters, "epochs") != plan.parameters.end();
  if (sweeps_epochs) epochs.name = "epochs_done";
  all.push_back(epochs);
  all.push_back(summary_column("best_epoch"));
  for (const Metric& metric : {metric::kTestAccuracy, metric::kTestCountAccuracy, metric::kTestTies,
                               metric::kTestWithoutSpikes, metric::kTestLoss}) {
    all.push_back(summary_column(metric.key));
  }
  all.push_back(summary_column(kUntrainedAccuracy));
  for (const Metric& metric :
       {metric::kValidationAccuracy, metric::kValidationCountAccuracy, metric::kValidationLoss,
        metric::kTrainAccuracy, metric::kTrainLoss}) {
    all.push_back(summary_column(metric.key));
  }
  all.push_back(summary_column("parameters"));
  for (const LayerMetric& metric : kLayerMetrics) {
    const std::string key(metric.key);
    for (std::size_t i = 0; i < layers; ++i) {
      all.push_back(
          {key + "_" + std::to_string(i + 1), [key, i](const PlannedRun&, const RunResult& result) {
             return summary_text(result.summary, key, i);
           }});
    }
  }
  all.push_back({std::string(metric::kSeconds.key), [](const PlannedRun&, const RunResult& result) {
                   return total_seconds(result.summary);
                 }});
  for (const std::string_view key :
       {metric::kSamplesPerSecond.key, std::string_view("peak_memory_mb"),
        std::string_view("threads")}) {
    all.push_back(summary_column(key));
  }
  all.push_back({"error", [](const PlannedRun&, const RunResult& result) { return result.error; }});
  return all;
}

bool has_value(const Plan& plan, const RunResult& result) {
  const bool has_ended = result.status == Status::kDone || result.status == Status::kStopped;
  return has_ended && result.number(plan.metric);
}

std::optional<Ranked> summarize(const Plan& plan, const std::vector<RunResult>& results,
                                std::size_t setting) {
  Ranked ranked;
  ranked.setting = setting;
  std::vector<double> values;
  for (std::size_t i = setting * plan.seeds; i < (setting + 1) * plan.seeds; ++i) {
    const RunResult& result = results[i];
    if (result.status == Status::kFailed) ++ranked.failed;
    if (!has_value(plan, result)) continue;
    values.push_back(*result.number(plan.metric));
    ranked.epochs = std::max(ranked.epochs, result.epochs());
  }
  if (values.empty()) return std::nullopt;
  const Spread spread = spread_of(values);
  ranked.mean = spread.mean;
  if (values.size() > 1) ranked.sd = spread.sd;
  const auto [min, max] = std::ranges::minmax(values);
  ranked.min = min;
  ranked.max = max;
  ranked.seeds = values.size();
  return ranked;
}

}  // namespace

void SweepFiles::lock() {
  lock_ = LockedFolder::lock(folder_);
  if (!lock_) {
    throw Error(ExitCode::kUsage, folder_.string() + ": another snn-sweep is running in it");
  }
}

bool RunResult::diverged() const { return summary_outcome(summary) == Outcome::kDiverged; }

std::optional<double> RunResult::number(const std::string& key) const {
  return summary_number(summary, key);
}

std::int64_t RunResult::epochs() const {
  const bool is_known = number("epochs") && summary["epochs"].is_number_integer();
  return is_known ? summary["epochs"].get<std::int64_t>() : 0;
}

RunResult read_result(const SweepFiles& files, const PlannedRun& run, std::int64_t epochs) {
  RunResult result;
  result.exit_code = read_exit_code(files.exit(run));
  const std::string text = bytes_or_nothing(files.summary(run));
  result.summary = json_if_valid(text).value_or(nullptr);
  if (result.diverged()) {
    result.status = Status::kFailed;
    result.exit_code = static_cast<int>(ExitCode::kDiverged);
    result.error = last_line(bytes_or_nothing(files.log(run)));
    return result;
  }
  const bool is_finished = summary_outcome(result.summary) == Outcome::kFinished;
  const std::int64_t planned = epochs > 0 ? epochs : run.config.epochs;
  if (is_finished && (result.epochs() >= planned || run.config.patience > 0)) {
    result.status = Status::kDone;
    result.exit_code = 0;
    return result;
  }
  // A result of an earlier rung is not a result of this one.
  const bool is_earlier = is_finished && result.exit_code == 0;
  if (!is_finished) result.summary = nullptr;
  if (result.exit_code && !is_earlier) {
    const bool is_cut = is_interruption(*result.exit_code);
    result.status = is_cut ? Status::kInterrupted : Status::kFailed;
    if (!is_cut) result.error = why_it_failed(*result.exit_code, files.log(run));
  } else if (std::error_code ignored; !result.exit_code && fs::exists(files.log(run), ignored)) {
    result.status = Status::kInterrupted;
  }
  return result;
}

RunProgress read_progress(const SweepFiles& files, const PlannedRun& run,
                          const std::string& metric) {
  try {
    const fs::path path = files.metrics(run);
    const auto rows = metrics_from_csv(read_table(path, ExitCode::kInternal), layers_of(run.config),
                                       path.string());
    if (rows.empty()) return {};
    const Metric* known = find_metric(metric);
    return {rows.back().epoch, known != nullptr ? known->value(rows.back()) : std::nullopt};
  } catch (const Error&) {
    return {};  // no epoch is finished yet
  }
}

std::string results_to_csv(const Plan& plan, const std::vector<RunResult>& results) {
  const std::vector<Column> all = columns(plan);
  std::vector<std::string> cells;
  for (const Column& column : all) cells.push_back(column.name);
  std::string csv = csv_line(cells);
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    cells.clear();
    for (const Column& column : all) cells.push_back(column.text(plan.runs[i], results[i]));
    csv += csv_line(cells);
  }
  return csv;
}

std::vector<Ranked> rank(const Plan& plan, const std::vector<RunResult>& results) {
  std::vector<Ranked> ranking;
  for (std::size_t setting = 0; setting < plan.settings(); ++setting) {
    if (const auto ranked = summarize(plan, results, setting)) ranking.push_back(*ranked);
  }
  const bool halves = plan.method == Method::kSuccessiveHalving;
  std::ranges::stable_sort(ranking, [&](const Ranked& a, const Ranked& b) {
    if (halves && a.epochs != b.epochs) return a.epochs > b.epochs;
    return plan.goal == Goal::kMaximize ? a.mean > b.mean : a.mean < b.mean;
  });
  return ranking;
}

std::string ranking_to_csv(const Plan& plan, const std::vector<Ranked>& ranking) {
  std::vector<std::string> cells = {"rank"};
  for (const std::string& parameter : plan.parameters) cells.push_back(parameter);
  for (const char* name : {"seeds", "mean", "sd", "min", "max", "failed", "first_run"}) {
    cells.emplace_back(name);
  }
  std::string csv = csv_line(cells);
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    const Ranked& ranked = ranking[i];
    const PlannedRun& run = plan.runs[ranked.setting * plan.seeds];
    cells = {std::to_string(i + 1)};
    for (const std::string& value : run.values) cells.push_back(value);
    cells.push_back(std::to_string(ranked.seeds));
    cells.push_back(format_real(ranked.mean));
    cells.push_back(ranked.sd ? format_real(*ranked.sd) : "");
    cells.push_back(format_real(ranked.min));
    cells.push_back(format_real(ranked.max));
    cells.push_back(std::to_string(ranked.failed));
    cells.push_back(run.name);
    csv += csv_line(cells);
  }
  return csv;
}

std::string best_to_yaml(const Plan& plan, const std::vector<RunResult>& results,
                         const Ranked& best) {
  std::size_t first = best.setting * plan.seeds;
  while (!has_value(plan, results[first])) ++first;
  const PlannedRun& run = plan.runs[first];
  std::string yaml = "# The best setting of the sweep " + printable(plan.name) +
                     ", with its first seed: " + plan.metric + " " +
                     format_real(*results[first].number(plan.metric)) + "\n";
  if (best.sd) {
    yaml += "# (mean " + format_real(best.mean) + ", standard deviation " + format_real(*best.sd) +
            " of " + std::to_string(best.seeds) + " seeds).\n";
  }
  return yaml + "# snn-train --config with this file repeats the run.\n\n" + to_yaml(run.config);
}

}  // namespace snn
