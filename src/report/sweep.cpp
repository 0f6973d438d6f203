#include "report/sweep.h"

#include <map>

#include "snn/text/error.h"
#include "system/files.h"

namespace snn::report {
namespace {

namespace fs = std::filesystem;

constexpr int kFormatVersion = 1;

SweepRun planned_run(const Json& json, const std::vector<std::string>& parameters) {
  SweepRun run;
  run.name = json.at("name").get<std::string>();
  // It is a folder within this one.
  if (run.name.empty() || run.name == ".." || run.name.find('/') != std::string::npos) {
    throw Error(ExitCode::kCheckpoint, "'" + run.name + "' is not the name of a run");
  }
  for (const std::string& parameter : parameters) {
    run.values.push_back(json.at("values").at(parameter).get<std::string>());
  }
  run.seed = integer_of(json.at("seed"));
  run.status = "pending";
  return run;
}

SweepFolder read_plan(const fs::path& path) {
  const fs::path file = path / "sweep.json";
  SweepFolder sweep;
  sweep.path = path;
  try {
    const Json json = parse_json(read_file(file, ExitCode::kCheckpoint, kLargestTable));
    if (integer_of(json.at("format_version")) > kFormatVersion) {
      throw Error(ExitCode::kCheckpoint, "was written by a newer version of snn-sweep");
    }
    sweep.name = json.at("name").get<std::string>();
    sweep.method = json.at("method").get<std::string>();
    sweep.metric = json.at("metric").at("name").get<std::string>();
    sweep.is_maximized = json.at("metric").at("goal").get<std::string>() == "maximize";
    sweep.parameters = json.at("parameters").get<std::vector<std::string>>();
    sweep.arguments = json.at("arguments").get<std::vector<std::string>>();
    for (const Json& run : json.at("runs")) {
      sweep.runs.push_back(planned_run(run, sweep.parameters));
    }
  } catch (const Json::exception&) {
    throw Error(ExitCode::kCheckpoint, file.string() + ": damaged: not the plan of a sweep");
  } catch (const Error& error) {
    const std::string what = error.what();
    const bool names_file = what.starts_with(file.string());
    throw Error(ExitCode::kCheckpoint, names_file ? what : file.string() + ": " + what);
  }
  return sweep;
}

// A table that every call of snn-sweep regenerates.
Csv read_table(const fs::path& file) {
  try {
    return parse_csv(read_table(file, ExitCode::kCheckpoint), file.string());
  } catch (const Error& error) {
    throw Error(error.code(),
                std::string(error.what()) + "; re-run the sweep's snn-sweep command to rewrite it");
  }
}

void read_states(const fs::path& file, SweepFolder& sweep) {
  if (!is_there(file, ExitCode::kCheckpoint)) return;
  const Csv csv = read_table(file);
  std::map<std::string, std::size_t> row_of;
  for (std::size_t i = 0; i < csv.rows.size(); ++i) row_of[csv.cell(i, "run")] = i;
  for (SweepRun& run : sweep.runs) {
    const auto found = row_of.find(run.name);
    if (found == row_of.end()) continue;
    run.status = csv.cell(found->second, "status");
    run.exit_code = csv.cell(found->second, "exit_code");
    run.error = csv.cell(found->second, "error");
  }
}

}  // namespace

bool has_sweep(const fs::path& path) { return is_there(path / "sweep.json", ExitCode::kUsage); }

SweepFolder read_sweep(const fs::path& path) {
  SweepFolder sweep = read_plan(path);
  read_states(path / "sweep.csv", sweep);
  const fs::path ranking = path / "ranking.csv";
  if (is_there(ranking, ExitCode::kCheckpoint)) sweep.ranking = read_table(ranking);
  for (SweepRun& run : sweep.runs) {
    const fs::path folder = path / "runs" / run.name;
    try {
      if (!has_metrics(folder)) continue;
      run.files = read_run(folder, /*with_predictions=*/false);
    } catch (const Error& error) {
      run.error = error.what();
    }
  }
  return sweep;
}

}  // namespace snn::report
