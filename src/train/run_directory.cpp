#include "snn/train/run_directory.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "snn/text/error.h"
#include "system/files.h"
#include "system/locked_folder.h"
#include "text/json.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& why) { throw Error(ExitCode::kUsage, why); }

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

fs::path numbered(const fs::path& out_dir, const std::string& prefix) {
  for (int number = 1;; ++number) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "-%04d", number);
    fs::path path = out_dir / (prefix + digits);
    if (!is_there(path)) return path;
  }
}

fs::path temporary_link(const fs::path& run) {
  return run.parent_path() / ("." + run.filename().string() + ".link");
}

// Replaces the link atomically. The link is a convenience: a file system without links is no error.
void point_latest_at(const fs::path& run) {
  std::error_code ignored;
  const fs::path link = run.parent_path() / "latest";
  if (is_there(link) && !fs::is_symlink(link, ignored)) return;
  const fs::path temporary = temporary_link(run);
  fs::remove(temporary, ignored);
  fs::create_directory_symlink(run.filename(), temporary, ignored);
  std::error_code error;
  fs::rename(temporary, link, error);
  if (error) fs::remove(temporary, ignored);
}

// The link is resolved now, since one such as `latest` may point at another run before this one
// ends.
fs::path without_link(fs::path path) {
  if (!path.has_filename()) path = path.parent_path();  // runs/latest/
  constexpr int kMost = 40;                             // as in the kernel: links may form a cycle
  std::error_code ignored;
  for (int i = 0; i < kMost && fs::is_symlink(path, ignored); ++i) {
    path = path.parent_path() / fs::read_symlink(path, ignored);
  }
  return path;
}

// The modification time of the newer of a run's checkpoints.
fs::file_time_type newest_checkpoint(const fs::path& run) {
  auto newest = fs::file_time_type::min();
  for (const char* file : {"checkpoints/last.safetensors", "checkpoints/best.safetensors"}) {
    std::error_code error;
    const auto time = fs::last_write_time(run / file, error);
    if (!error) newest = std::max(newest, time);
  }
  return newest;
}

// True if the file is a temporary one, left by a kill, that was to replace a file of a run.
bool is_leftover(const fs::directory_entry& entry) {
  constexpr const char* kOurs[] = {".yaml", ".csv", ".json", ".html", ".svg", ".safetensors"};
  std::error_code unknown;
  if (!entry.is_symlink(unknown) && !entry.is_regular_file(unknown)) return false;
  const fs::path replaced = entry.path().stem();
  return entry.path().extension() == ".tmp" &&
         std::ranges::find(kOurs, replaced.extension()) != std::end(kOurs);
}

void remove_leftovers(const fs::path& run) {
  std::error_code ignored;
  std::vector<fs::path> leftovers;
  for (const fs::path& folder : {run, run / "checkpoints", run / "pictures"}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (is_leftover(entry)) leftovers.push_back(entry.path());
    }
  }
  for (const fs::path& leftover : leftovers) fs::remove(leftover, ignored);
  const fs::path link = temporary_link(run);
  if (fs::is_symlink(link, ignored)) fs::remove(link, ignored);
}

// True if a new run in the folder would overwrite nothing of value: a run that ended before its
// first checkpoint leaves its log, then its configuration.
bool is_unused(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return false;
  for (const char* file : {"metrics.csv", "summary.json", "checkpoints/last.safetensors",
                           "checkpoints/best.safetensors"}) {
    if (is_there(path / file)) return false;
  }
  return is_there(path / "train.log") || !is_there(path / "config.yaml");
}

}  // namespace

fs::path RunDirectory::next_path(const fs::path& out_dir, const std::string& name,
                                 const std::string& prefix) {
  if (out_dir.empty()) refuse("out-dir: expected DIR, found nothing");
  if (name.empty()) return numbered(out_dir, prefix);
  const fs::path path = out_dir / name;
  if (is_there(path) && !is_unused(path)) {
    refuse("run-name: " + path.string() +
           " already exists; choose another name, or resume it with: --resume " + path.string());
  }
  return path;
}

RunDirectory RunDirectory::create(const fs::path& out_dir, const std::string& name,
                                  const std::string& prefix) {
  if (out_dir.empty()) refuse("out-dir: expected DIR, found nothing");
  std::error_code error;
  fs::create_directories(out_dir, error);
  if (error) refuse("out-dir: cannot create " + out_dir.string() + ": " + error.message());
  while (true) {
    const fs::path path = next_path(out_dir, name, prefix);
    const bool made = fs::create_directory(path, error);
    if (error) refuse("out-dir: cannot create " + path.string() + ": " + error.message());
    // Another process may have taken the number in between,
    if (!made && name.empty()) continue;
    RunDirectory run = open(path);
    // or have trained under the name before it was locked.
    if (!is_unused(path)) continue;
    fs::create_directory(run.last().parent_path(), error);
    if (error) refuse("out-dir: cannot write in " + path.string() + ": " + error.message());
    point_latest_at(path);
    return run;
  }
}

RunDirectory RunDirectory::open(const fs::path& path) {
  auto folder = LockedFolder::lock(without_link(path));
  if (!folder) refuse(without_link(path).string() + ": another process is training in it");
  remove_leftovers(folder->path());
  return RunDirectory(std::move(*folder));
}

std::optional<RunDirectory> RunDirectory::open_unfinished(const fs::path& out_dir) {
  const auto is_unfinished = [](const fs::path& path) {
    return is_run(path) && !is_there(path / "summary.json");
  };
  // Files written within one tick of the clock are ordered by name.
  std::set<std::pair<fs::file_time_type, fs::path>> candidates;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(out_dir, ignored)) {
    const fs::path& path = entry.path();
    if (entry.is_symlink() || !is_unfinished(path)) continue;
    candidates.emplace(newest_checkpoint(path), path);
  }
  for (auto each = candidates.rbegin(); each != candidates.rend(); ++each) {
    if (is_locked(each->second)) continue;
    auto folder = LockedFolder::lock(each->second);
    // Another process may have finished it before it was locked.
    if (!folder || !is_unfinished(each->second)) continue;
    remove_leftovers(each->second);
    return RunDirectory(std::move(*folder));
  }
  return std::nullopt;
}

RunDirectory::RunDirectory(LockedFolder&& folder)
    : path_(folder.path()), folder_(std::make_unique<LockedFolder>(std::move(folder))) {}
RunDirectory::RunDirectory(RunDirectory&& other) noexcept = default;
RunDirectory& RunDirectory::operator=(RunDirectory&& other) noexcept = default;
RunDirectory::~RunDirectory() = default;

const std::string& RunDirectory::warning() const { return folder_->warning(); }

void RunDirectory::check() const { folder_->check(); }

void RunDirectory::write(const fs::path& file, std::string_view bytes) const {
  folder_->write(file, bytes);
}

void RunDirectory::remove(const fs::path& file) const { folder_->remove(file); }

bool is_run(const fs::path& path) {
  return is_there(path / "checkpoints/last.safetensors") ||
         is_there(path / "checkpoints/best.safetensors");
}

std::optional<fs::path> run_of_checkpoint(const fs::path& checkpoint) {
  const fs::path folder = (current_folder() / checkpoint).lexically_normal().parent_path();
  // The name alone proves nothing: any folder may have it.
  if (folder.filename() != "checkpoints" || !is_run(folder.parent_path())) return std::nullopt;
  const fs::path run = checkpoint.lexically_normal().parent_path();
  // A path from within the folder lacks the folder's name.
  if (run.filename() != "checkpoints") return folder.parent_path();
  return run.has_parent_path() ? run.parent_path() : fs::path(".");
}

fs::path find_checkpoint(const fs::path& path, bool reported) {
  std::error_code ignored;
  if (!is_there(path, ExitCode::kCheckpoint) || !fs::is_directory(path, ignored)) return path;
  const fs::path summary = path / "summary.json";
  if (reported && is_there(summary, ExitCode::kCheckpoint)) {
    const auto json = json_if_valid(read_file(summary, ExitCode::kCheckpoint, kLargestTable));
    const bool has_it = json && json->is_object() && json->contains("reported_checkpoint") &&
                        (*json)["reported_checkpoint"].is_string();
    if (!has_it) {
      throw Error(ExitCode::kCheckpoint,
                  summary.string() + ": damaged; name the checkpoint file itself");
    }
    return path / (*json)["reported_checkpoint"].get<std::string>();
  }
  const fs::path last = path / "checkpoints" / "last.safetensors";
  if (!is_there(last, ExitCode::kCheckpoint) && !is_run(path)) {
    throw Error(ExitCode::kCheckpoint, path.string() + ": not the folder of a run: it has no " +
                                           "checkpoints/last.safetensors");
  }
  return last;
}

}  // namespace snn
