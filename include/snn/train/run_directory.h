#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace snn {

class LockedFolder;

/// The folder of one training run:
///
///     config.yaml  metrics.csv  predictions.csv  summary.json  train.log  report.html
///     checkpoints/{last,best}.safetensors  pictures/*.svg
///     events.out.tfevents.snn-train  (with `tensorboard`)
///
/// It is locked for as long as the object lives, so that two processes never train in it at once;
/// what a kill left of temporary files is removed then. Where the file system has no locks it is
/// used all the same, and warning() says so.
class RunDirectory {
 public:
  /// Makes OUT_DIR/NAME, or, with an empty name, OUT_DIR/PREFIX-0001 with the next free number, and
  /// points OUT_DIR/latest at it. Throws Error(kUsage) if NAME cannot be made or is there already;
  /// a folder in which a run was ended before its first checkpoint is taken over.
  static RunDirectory create(const std::filesystem::path& out_dir, const std::string& name,
                             const std::string& prefix);

  /// Opens the folder of an earlier run, or the one that a link such as `latest` points at now.
  /// Throws Error(kUsage) if another process is training in it.
  static RunDirectory open(const std::filesystem::path& path);

  /// Opens the newest run in `out_dir` that has a checkpoint, has no summary yet and is not being
  /// trained, if there is one.
  static std::optional<RunDirectory> open_unfinished(const std::filesystem::path& out_dir);

  /// The path that create() would use next, without making anything.
  static std::filesystem::path next_path(const std::filesystem::path& out_dir,
                                         const std::string& name, const std::string& prefix);

  RunDirectory(RunDirectory&& other) noexcept;
  RunDirectory& operator=(RunDirectory&& other) noexcept;
  ~RunDirectory();

  /// What the user should know of the folder; empty: nothing.
  const std::string& warning() const;

  /// Throws Error(kInternal) if the folder that was opened is no longer the one at path(): somebody
  /// has removed or replaced it, and what is there now is not this run's.
  void check() const;

  /// Writes a file of the run, whole or not at all, and removes one: in the folder that was opened
  /// or, after check(), not at all. Throw Error(kInternal).
  void write(const std::filesystem::path& file, std::string_view bytes) const;
  void remove(const std::filesystem::path& file) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.yaml"; }
  std::filesystem::path metrics() const { return path_ / "metrics.csv"; }
  std::filesystem::path events() const { return path_ / "events.out.tfevents.snn-train"; }
  std::filesystem::path summary() const { return path_ / "summary.json"; }
  std::filesystem::path predictions() const { return path_ / "predictions.csv"; }
  std::filesystem::path report() const { return path_ / "report.html"; }
  std::filesystem::path log() const { return path_ / "train.log"; }
  std::filesystem::path last() const { return path_ / "checkpoints" / "last.safetensors"; }
  std::filesystem::path best() const { return path_ / "checkpoints" / "best.safetensors"; }

 private:
  explicit RunDirectory(LockedFolder&& folder);

  std::filesystem::path path_;
  std::unique_ptr<LockedFolder> folder_;
};

/// Whether `path` has what makes a run: a last or a best checkpoint. It goes on without all else.
bool is_run(const std::filesystem::path& path);

/// The run that a checkpoint of the form RUN/checkpoints/NAME.safetensors belongs to, if it is one.
std::optional<std::filesystem::path> run_of_checkpoint(const std::filesystem::path& checkpoint);

/// The checkpoint that the user means by `path`: the file itself or, for a run directory, the one
/// its summary reports on (`reported`), else the last, which may be missing where the best is there
/// (train/recovery.h). Throws Error(kCheckpoint).
std::filesystem::path find_checkpoint(const std::filesystem::path& path, bool reported);

}  // namespace snn
