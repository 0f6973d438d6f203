#include "sweep/sweep.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "system/files.h"
#include "text/json.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& why) { throw Error(ExitCode::kUsage, why); }

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) refuse("cannot create " + path.string() + ": " + error.message());
}

// Removes the temporary files of processes that were killed while writing. Jobs of Slurm may be
// running now.
void remove_leftovers(const SweepFiles& files) {
  std::error_code ignored;
  std::vector<fs::path> folders = {files.folder()};
  if (!fs::exists(files.folder() / "slurm.json", ignored)) folders.push_back(files.logs());
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".tmp") ::unlink(entry.path().c_str());
    }
  }
}

}  // namespace

Sweep::Sweep(const Plan& plan, const SweepFiles& files, std::string program)
    : plan_(plan),
      files_(files),
      program_(std::move(program)),
      results_(plan.runs.size()),
      active_(plan.settings()) {
  std::iota(active_.begin(), active_.end(), std::size_t{0});
  read_results(active_);
  read_rungs();
}

std::int64_t Sweep::rung_epochs() const { return plan_.rungs[rung_]; }

void Sweep::read_results(const Indices& settings) {
  for (const std::size_t setting : settings) {
    for (std::size_t i = setting * plan_.seeds; i < (setting + 1) * plan_.seeds; ++i) {
      results_[i] = read_result(files_, plan_.runs[i], rung_epochs());
    }
  }
}

// Earlier selections are kept: later results of a run do not change them.
void Sweep::read_rungs() {
  if (plan_.rungs.size() < 2 || !is_there(files_.rungs(), ExitCode::kUsage)) return;
  const auto refuse_rungs = [&] {
    refuse(files_.rungs().string() + ": damaged; remove it to repeat the selection");
  };
  try {
    const Json json =
        json_if_valid(read_file(files_.rungs(), ExitCode::kUsage, kLargestTable)).value_or(Json());
    for (const Json& kept : json.at("kept")) {
      if (rung_ + 1 == plan_.rungs.size()) break;
      Indices settings;
      for (const Json& setting : kept) {
        settings.push_back(static_cast<std::size_t>(integer_of(setting)));
      }
      if (!std::ranges::includes(active_, settings)) refuse_rungs();
      stop_the_others(settings);
    }
  } catch (const std::exception&) {
    refuse_rungs();
  }
}

void Sweep::write_rungs() const {
  Json json;
  json["rungs"] = plan_.rungs;
  json["kept"] = kept_;
  files_.write(files_.rungs(), json.dump(2) + "\n");
}

// Selects the best 1/eta of the settings.
Sweep::Indices Sweep::chosen() const {
  const auto eta = static_cast<std::size_t>(plan_.eta);
  const std::size_t most = (active_.size() + eta - 1) / eta;
  Indices kept;
  for (const Ranked& ranked : rank(plan_, results_)) {
    const bool is_active = std::ranges::binary_search(active_, ranked.setting);
    if (is_active && kept.size() < most) kept.push_back(ranked.setting);
  }
  std::ranges::sort(kept);
  return kept;
}

// Begins the next rung with the settings that were kept.
void Sweep::stop_the_others(const Indices& kept) {
  for (const std::size_t setting : active_) {
    if (std::ranges::binary_search(kept, setting)) continue;
    for (std::size_t i = setting * plan_.seeds; i < (setting + 1) * plan_.seeds; ++i) {
      if (results_[i].status == Status::kDone) results_[i].status = Status::kStopped;
    }
  }
  kept_.push_back(kept);
  active_ = kept;
  ++rung_;
  read_results(active_);
}

bool Sweep::is_final(std::size_t run) const {
  const Status status = results_[run].status;
  return status == Status::kDone || status == Status::kStopped || results_[run].diverged();
}

std::vector<Task> Sweep::unfinished() const {
  std::vector<Task> tasks;
  for (const std::size_t setting : active_) {
    for (std::size_t i = setting * plan_.seeds; i < (setting + 1) * plan_.seeds; ++i) {
      if (!is_final(i)) tasks.push_back({i, command(i)});
    }
  }
  return tasks;
}

int Sweep::run(const Executor& execute, const ExecutionEvents& shown) {
  ExecutionEvents events = shown;
  events.ended = [&](std::size_t run) {
    results_[run] = read_result(files_, plan_.runs[run], rung_epochs());
    update_results(shown);
    shown.ended(run);
  };
  update_results(shown);
  while (true) {
    const std::vector<Task> tasks = unfinished();
    for (const Task& task : tasks) results_[task.run] = {};  // they are retried
    const int signal = execute(tasks, events);
    // An executor may end before its runs do.
    read_results(active_);
    update_results(shown);
    if (signal != 0) return signal;
    if (rung_ + 1 == plan_.rungs.size() || !unfinished().empty()) return 0;
    const Indices kept = chosen();
    if (kept.empty()) return 0;
    stop_the_others(kept);
    write_rungs();
    update_results(shown);
    shown.note(std::to_string(kept.size()) + " of " + std::to_string(plan_.settings()) +
               " settings continue to epoch " + std::to_string(rung_epochs()));
  }
}

std::size_t Sweep::count(Status status) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(results_, [&](const RunResult& r) { return r.status == status; }));
}

std::int64_t Sweep::epochs(std::size_t run) const {
  return rung_epochs() > 0 ? rung_epochs() : plan_.runs[run].config.epochs;
}

std::vector<std::string> Sweep::command(std::size_t run) const {
  const PlannedRun& planned = plan_.runs[run];
  std::vector<std::string> words = {program_};
  words.insert(words.end(), plan_.arguments.begin(), plan_.arguments.end());
  words.insert(words.end(), planned.flags.begin(), planned.flags.end());
  if (rung_epochs() > 0) {
    words.insert(words.end(), {"--epochs", std::to_string(rung_epochs())});
  }
  words.insert(words.end(), {"--run-name", planned.name, "--out-dir", files_.runs().string(),
                             "--resume", "auto"});
  return words;
}

// Each file is written independently: a failed one must not prevent the others.
void Sweep::update_results(const ExecutionEvents& events) {
  const bool were_written = unwritten_.empty();
  unwritten_.clear();
  const auto write = [&](const fs::path& file, const std::string& text) {
    try {
      files_.write(file, text);
    } catch (const Error& error) {
      files_.check();
      if (unwritten_.empty()) unwritten_ = error.what();
    }
  };
  const std::vector<Ranked> ranking = rank(plan_, results_);
  write(files_.table(), results_to_csv(plan_, results_));
  write(files_.ranking(), ranking_to_csv(plan_, ranking));
  if (!ranking.empty()) write(files_.best(), best_to_yaml(plan_, results_, ranking.front()));
  if (were_written && !unwritten_.empty()) events.warning(unwritten_ + "; the runs continue");
}

void check_sweep(const Plan& plan, const SweepFiles& files) {
  if (!is_there(files.plan(), ExitCode::kUsage)) return;
  const std::string name = files.plan().string();
  const auto found =
      conflicts(plan, read_file(files.plan(), ExitCode::kUsage, kLargestTable), name);
  if (found.empty()) return;
  refuse(files.folder().string() +
         " holds another sweep; choose another --out-dir, or remove it:\n  " + join(found, "\n  "));
}

Decision keep_decision(const SweepFiles& files, Settings& base) {
  std::error_code ignored;
  if (!fs::is_regular_file(files.plan(), ignored)) return Config().decision;
  const Decision kept = default_decision(read_file(files.plan(), ExitCode::kUsage, kLargestTable));
  if (kept != base.config.decision && !base.is_set(&Config::decision)) {
    apply_option(option_of(&Config::decision), name_of(kept), files.plan().string(), base);
  }
  return kept;
}

void open_sweep(const Plan& plan, SweepFiles& files) {
  make_folder(files.folder());
  files.lock();
  check_sweep(plan, files);
  make_folder(files.runs());
  make_folder(files.logs());
  remove_leftovers(files);
  files.write(files.plan(), plan_to_json(plan));
}

}  // namespace snn
