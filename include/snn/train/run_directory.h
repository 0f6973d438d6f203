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
/// It is locked for the lifetime of the object, so that two processes never train in it
/// concurrently; temporary files left by a kill are then removed. On a file system without locks it
/// is used without one, and warning() reports this.
class RunDirectory {
 public:
  /// Creates OUT_DIR/NAME or, if the name is empty, OUT_DIR/PREFIX-0001 with the next free number,
  /// and points OUT_DIR/latest at it. Throws Error(kUsage) if NAME cannot be created or already
  /// exists; the folder of a run that ended before its first checkpoint is reused.
  static RunDirectory create(const std::filesystem::path& out_dir, const std::string& name,
                             const std::string& prefix);

  /// Opens the folder of an earlier run, or the current target of a link such as `latest`. Throws
  /// Error(kUsage) if another process is training in it.
  static RunDirectory open(const std::filesystem::path& path);

  /// Opens the newest run in `out_dir`, if any, that has a checkpoint but no summary and is not in
  /// training.
  static std::optional<RunDirectory> open_unfinished(const std::filesystem::path& out_dir);

  /// The path that create() would use next, without creating it.
  static std::filesystem::path next_path(const std::filesystem::path& out_dir,
                                         const std::string& name, const std::string& prefix);

  RunDirectory(RunDirectory&& other) noexcept;
  RunDirectory& operator=(RunDirectory&& other) noexcept;
  ~RunDirectory();

  /// A warning about the folder for the user, or empty.
  const std::string& warning() const;

  /// Throws Error(kInternal) if the opened folder is no longer the one at path(): it has been
  /// removed or replaced, and the files there do not belong to this run.
  void check() const;

  /// Write a file of the run atomically, and remove one, in the opened folder; check() runs first.
  /// Throw Error(kInternal).
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

/// True if `path` has a last or best checkpoint, the only file needed to resume a run.
bool is_run(const std::filesystem::path& path);

/// The run that a checkpoint of the form RUN/checkpoints/NAME.safetensors belongs to, if it is one.
std::optional<std::filesystem::path> run_of_checkpoint(const std::filesystem::path& checkpoint);

/// The checkpoint that `path` denotes: the file itself or, for a run directory, the one its summary
/// reports on (`reported`), else the last, which may be missing if the best exists
/// (train/recovery.h). Throws Error(kCheckpoint).
std::filesystem::path find_checkpoint(const std::filesystem::path& path, bool reported);

}  // namespace snn
