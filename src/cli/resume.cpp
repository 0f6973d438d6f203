#include "cli/resume.h"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <string>
#include <utility>

#include "snn/text/error.h"
#include "snn/train/option.h"
#include "snn/train/settings.h"
#include "train/recovery.h"

namespace snn::cli {
namespace {

void apply_user(const CommandLine& line, const std::optional<std::string>& yaml,
                Settings& settings) {
  if (yaml) {
    const std::string file = line.get("config");
    apply_yaml(*yaml, file == "-" ? "standard input" : file, settings);
  }
  apply_flags(line, settings);
}

// The run that --resume auto resumes: the named one, else the newest.
std::optional<RunDirectory> open_auto(const Config& config) {
  if (config.run_name.empty()) return RunDirectory::open_unfinished(config.out_dir);
  const auto named = std::filesystem::path(config.out_dir) / config.run_name;
  if (!is_run(named)) return std::nullopt;
  return RunDirectory::open(named);
}

// Opens the run of the given checkpoint; a checkpoint outside a run directory has none.
std::optional<RunDirectory> open_run_of(const std::filesystem::path& checkpoint,
                                        const Config& config) {
  const auto path = run_of_checkpoint(checkpoint);
  if (!path) return std::nullopt;
  RunDirectory run = RunDirectory::open(*path);
  std::error_code ignored;
  const auto name = std::filesystem::canonical(run.path(), ignored).filename();
  if (!config.run_name.empty() && name != config.run_name) {
    throw Error(ExitCode::kUsage, "run-name: " + config.run_name + " is not the run to resume, " +
                                      run.path().string() + "; omit one of the two");
  }
  return run;
}

// Reads the checkpoint from which `run` resumes: the last, or the best if the last is damaged.
void read_from(const std::filesystem::path& run, Start& start) {
  RunCheckpoint found = load_run_checkpoint(run, /*reported=*/false);
  start.checkpoint = std::move(found.checkpoint);
  start.path = found.path;
  if (found.problem.empty()) return;
  start.warning = fmt::format("{}; resuming from {} instead; training after it is lost",
                              found.problem, found.path.string());
  std::error_code ignored;
  const auto last = find_checkpoint(run, /*reported=*/false);
  if (std::filesystem::exists(last, ignored)) start.damaged = last;
}

// Finds the checkpoint of --resume; none for `auto` without an unfinished run. Its run is opened,
// hence locked, before reading, so that no other process can continue it meanwhile.
void find_checkpoint_of(const Config& config, Start& start) {
  if (config.resume.empty()) return;
  if (config.resume == "auto") {
    start.run = open_auto(config);
    if (!start.run) {
      const std::string name = config.run_name.empty() ? "unfinished run" : config.run_name;
      start.note = "no " + name + " in " + config.out_dir + ": starting a new one";
      return;
    }
    read_from(start.run->path(), start);
  } else {
    const std::filesystem::path path = find_checkpoint(config.resume, /*reported=*/false);
    start.run = open_run_of(path, config);
    if (path != config.resume) {
      read_from(start.run->path(), start);
    } else {
      start.path = start.run ? start.run->last().parent_path() / path.filename() : path;
      start.checkpoint = load_checkpoint(start.path);
    }
  }
  const Progress& progress = start.checkpoint->progress;
  start.note = fmt::format("resuming {} after epoch {}{}", start.path.string(), progress.epoch,
                           progress.batch > 0 ? fmt::format(", batch {}", progress.batch) : "");
  if (!start.run) start.note += ", in a new run directory";
}

// The problem with resuming up to `epochs` in total, or nothing.
std::string epochs_problem(const Checkpoint& checkpoint, std::int64_t epochs) {
  const Progress& progress = checkpoint.progress;
  const std::int64_t begun = progress.epoch + (progress.batch > 0 ? 1 : 0);
  if (epochs >= begun) return "";
  return fmt::format("expected at least {}, found {}: the checkpoint was written after {}", begun,
                     epochs, to_string(progress, checkpoint.state.step));
}

// Only epochs may differ from the checkpoint, and only without a learning-rate schedule over them.
void check_resumed(const Checkpoint& checkpoint, Settings& settings) {
  const Config& before = checkpoint.config;
  for (const Option& option : options()) {
    if (option.scope != Scope::kResult) continue;
    const std::string was = option.format(before), is = option.format(settings.config);
    if (was == is) continue;
    const bool is_epochs = &option == &option_of(&Config::epochs);
    if (is_epochs && before.lr_schedule.kind == ScheduleKind::kNone) {
      const std::string problem = epochs_problem(checkpoint, settings.config.epochs);
      if (!problem.empty()) {
        settings.problems.push_back(settings.origin[option.name] + ": " + problem);
      }
      continue;
    }
    const std::string why =
        is_epochs ? "; its lr-schedule spans those epochs and cannot change"
                  : "; a resumed run keeps it: leave it out, or start a new run without --resume";
    settings.problems.push_back(settings.origin[option.name] + ": " + option.name + " is " + is +
                                ", but the checkpoint's is " + was + why);
  }
}

}  // namespace

Start find_start(const CommandLine& line) {
  std::optional<std::string> yaml;
  if (line.has("config")) yaml = read_text(line.get("config"));

  Settings settings;
  apply_user(line, yaml, settings);
  throw_if_wrong(settings);
  Start start;
  find_checkpoint_of(settings.config, start);
  if (start.checkpoint) {
    settings = {};
    settings.config = start.checkpoint->config;
    for (const Option& option : options()) {
      if (option.scope == Scope::kResult) settings.origin[option.name] = kCheckpointOrigin;
    }
    apply_user(line, yaml, settings);
    check_resumed(*start.checkpoint, settings);
  }
  check_together(settings);
  throw_if_wrong(settings);
  start.config = settings.config;
  start.is_data_given = settings.is_set(&Config::data_dir);
  return start;
}

}  // namespace snn::cli
