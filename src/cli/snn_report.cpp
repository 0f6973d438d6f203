// snn-report: pictures of runs.

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <iostream>
#include <optional>
#include <set>

#include "cli/command_line.h"
#include "cli/output_file.h"
#include "cli/terminal.h"
#include "report/run.h"
#include "report/run_report.h"
#include "report/sweep_report.h"
#include "snn/text/error.h"
#include "snn/train/checkpoint.h"
#include "snn/train/option.h"
#include "snn/train/run_directory.h"
#include "snn/train/settings.h"
#include "system/files.h"
#include "system/invocation.h"
#include "text/message.h"
#include "train/run_data.h"
#include "version.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "snn-report";

Program program() {
  Program program;
  program.name = kName;
  program.summary = "Writes report.html and pictures/*.svg into the folders of runs and sweeps.";
  program.positional = "RUN_OR_SWEEP_DIR...";
  program.positional_help = "The folder of a run or sweep, finished or not";
  program.is_repeatable = true;
  program.options = {&option_of(&Config::data_dir)};
  program.actions = {
      {"out", "FILE.html", "File for the page of one folder, or for the comparison of several"}};
  program.footer =
      "The page of a folder is FOLDER/report.html. With several folders, each gets\n"
      "its own page, and comparison.html compares the runs. Pages are self-contained.\n"
      "\n"
      "Examples:\n"
      "  snn-report runs/latest\n"
      "  snn-report runs/mnist-0001 runs/mnist-0002 --out both.html\n"
      "  snn-report sweeps/beta\n"
      "\n"
      "Exit status: 0 done, 1 internal error or full disk, 2 wrong options or not the\n"
      "folder of a run or sweep, 3 data missing or damaged, 5 a file of a run damaged.\n";
  return program;
}

// The checkpoint from which a run's predictions were made, if readable.
std::optional<Checkpoint> checkpoint_of(const fs::path& run, fs::path& path) {
  try {
    path = find_checkpoint(run, /*reported=*/true);
    return load_checkpoint(path);
  } catch (const Error&) {  // the labels must suffice then
    return std::nullopt;
  }
}

Dataset load_test_images(const report::RunFiles& run, const std::string& data_dir) {
  fs::path path;
  const auto checkpoint = checkpoint_of(run.path, path);
  if (data_dir.empty() && checkpoint) {
    return find_run_data({path, run.config.dataset, Split::kTest, checkpoint->test_digest}).dataset;
  }
  Dataset dataset = load_dataset(run.config.dataset, Split::kTest,
                                 data_dir.empty() ? run.config.data_dir : data_dir);
  if (checkpoint && dataset.digest != checkpoint->test_digest) {
    throw Error(ExitCode::kData,
                fmt::format("{} does not hold the images that this run was tested "
                            "on: expected {}, found {}",
                            dataset.directory.string(), checkpoint->test_digest, dataset.digest));
  }
  return dataset;
}

// The test images of a run. Missing images are an error only if the user gave their folder.
report::TestImages test_images(const report::RunFiles& run, const std::string& data_dir,
                               Dataset& dataset) {
  if (run.predictions.empty()) return {};
  try {
    dataset = load_test_images(run, data_dir);
  } catch (const Error& error) {
    if (!data_dir.empty()) throw;
    return {nullptr, error.what()};
  }
  // Some classes may occur only in the training images.
  const auto classes = static_cast<std::int64_t>(run.predictions.front().spikes.size());
  if (dataset.classes < classes) {
    dataset.classes = classes;
    dataset.class_names = class_names(run.config.dataset, classes);
  }
  return {&dataset};
}

// A page written elsewhere contains its pictures, since the run's folder may be read-only.
void write_page(const report::Report& report, const fs::path& folder, const fs::path& elsewhere) {
  const fs::path page = elsewhere.empty() ? folder / "report.html" : elsewhere;
  if (elsewhere.empty()) {
    write_report(report, folder, page);
  } else {
    write_file(page, report.html);
  }
  std::cout << page.string() << '\n';
}

// Runs with the same name are labelled by their paths.
void distinguish(std::vector<report::RunFiles>& runs) {
  std::multiset<std::string> names;
  for (const auto& run : runs) names.insert(run.name);
  for (auto& run : runs) {
    if (names.count(run.name) > 1) run.name = run.path.string();
  }
}

void check_out(const CommandLine& line, Settings& settings) {
  const std::string problem = line.has("out") ? output_problem(line.get("out"), ".html") : "";
  if (!problem.empty()) settings.problems.push_back("--out: " + problem);
}

int run(int argc, char** argv) {
  CommandLine line;
  if (!read_command_line(program(), argc, argv, std::string(kName) + " " + SNN_VERSION, line)) {
    return 0;
  }
  Settings settings;
  apply_flags(line, settings);
  check_out(line, settings);
  if (line.positionals.empty()) {
    settings.problems.push_back("expected the folder of a run, found nothing; try: " +
                                program_word(kName) + " runs/latest");
  }
  throw_if_wrong(settings);

  // All are read before anything is written.
  std::vector<report::RunFiles> runs;
  std::vector<report::SweepFolder> sweeps;
  for (const std::string& folder : line.positionals) {
    if (report::has_sweep(folder)) {
      sweeps.push_back(report::read_sweep(folder));
    } else {
      runs.push_back(report::read_run(folder));
    }
  }
  const fs::path elsewhere = line.positionals.size() == 1 ? line.get("out") : "";
  for (const report::SweepFolder& sweep : sweeps) {
    write_page(report_sweep(sweep), sweep.path, elsewhere);
  }
  for (const report::RunFiles& run : runs) {
    Dataset dataset;
    const auto images = test_images(run, settings.config.data_dir, dataset);
    write_page(report_run(run, images), run.path, elsewhere);
  }
  if (runs.size() > 1) {
    distinguish(runs);
    const fs::path page = line.has("out") ? line.get("out") : "comparison.html";
    write_file(page, report::compare_runs(runs));
    std::cout << page.string() << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace snn::cli

int main(int argc, char** argv) {
  return snn::cli::run_program(snn::cli::kName, "try fewer folders at once",
                               [&] { return snn::cli::run(argc, argv); });
}
