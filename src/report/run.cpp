#include "report/run.h"

#include <algorithm>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/option.h"
#include "snn/train/settings.h"
#include "system/files.h"
#include "system/invocation.h"
#include "train/summary_values.h"

namespace snn::report {
namespace {

namespace fs = std::filesystem;

// The folder's own name, also if given as `.` or by a link.
std::string name_of_folder(const fs::path& path) {
  std::error_code ignored;
  const fs::path real = fs::canonical(path, ignored);
  return real.has_filename() ? real.filename().string() : path.string();
}

// The file was written by a program, so any problem with it is damage.
Config read_config(const fs::path& path) {
  Settings settings;
  try {
    apply_yaml(read_file(path, ExitCode::kCheckpoint), path.string(), settings);
    // A run older than an option has the value implied by its checkpoints.
    for (const Option& option : options()) {
      if (!option.legacy.empty() && !settings.is_set(option)) {
        option.parse(settings.config, option.legacy);
      }
    }
    check_together(settings);
    throw_if_wrong(settings);
  } catch (const Error& error) {
    throw Error(ExitCode::kCheckpoint, error.what());
  }
  return settings.config;
}

std::size_t count_layers(const std::string& metrics) {
  const auto columns = split(metrics.substr(0, metrics.find('\n')), ',');
  return static_cast<std::size_t>(std::ranges::count_if(
      columns, [](const std::string& name) { return name.starts_with("spikes_per_neuron_"); }));
}

}  // namespace

std::optional<double> RunFiles::number(const std::string& key) const {
  return summary ? summary_number(*summary, key) : std::nullopt;
}

std::optional<Outcome> RunFiles::outcome() const {
  if (!summary) return std::nullopt;
  return summary_outcome(*summary).value_or(Outcome::kFinished);
}

bool has_metrics(const fs::path& path) { return is_there(path / "metrics.csv", ExitCode::kUsage); }

RunFiles read_run(const fs::path& path, bool with_predictions) {
  if (!has_metrics(path)) {
    throw Error(ExitCode::kUsage, path.string() +
                                      (is_there(path, ExitCode::kUsage)
                                           ? ": not the folder of a run or sweep: it has no "
                                             "metrics.csv"
                                           : ": no such folder") +
                                      "; try: " + program_word("snn-report") + " runs/latest");
  }
  RunFiles run;
  run.path = path;
  run.name = name_of_folder(path);
  run.config = read_config(path / "config.yaml");
  const fs::path metrics = path / "metrics.csv";
  const std::string csv = read_table(metrics, ExitCode::kCheckpoint);
  run.layers = count_layers(csv);
  run.rows = metrics_from_csv(csv, run.layers, metrics.string());
  if (run.rows.empty()) {
    throw Error(ExitCode::kCheckpoint, metrics.string() + ": no epoch is finished yet");
  }
  const fs::path summary = path / "summary.json";
  if (is_there(summary, ExitCode::kCheckpoint)) {
    auto json = json_if_valid(read_file(summary, ExitCode::kCheckpoint, kLargestTable));
    if (!json || !json->is_object()) {
      throw Error(ExitCode::kCheckpoint, summary.string() + ": damaged: expected a JSON object");
    }
    run.summary = std::move(json);
  }
  const fs::path predictions = path / "predictions.csv";
  if (with_predictions && is_there(predictions, ExitCode::kCheckpoint)) {
    run.predictions =
        predictions_from_csv(read_table(predictions, ExitCode::kCheckpoint), predictions.string());
  }
  return run;
}

}  // namespace snn::report
