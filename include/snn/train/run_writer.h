#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "snn/train/checkpoint.h"
#include "snn/train/run_directory.h"

namespace snn {

/// Writes the files that a run updates during training, each independently: the failure of one does
/// not affect the others. A failure is reported once; the next save writes the file again, and a
/// best checkpoint is kept here until it can be written.
class RunWriter {
 public:
  /// `warning` may be empty; the directory must outlive the writer.
  RunWriter(const RunDirectory& directory, std::function<void(const std::string&)> warning)
      : directory_(directory), warning_(std::move(warning)) {}

  /// Sets the progress stored in the existing checkpoints: `last`, and `best` in the other one.
  void resume(const Progress& last, const std::optional<Best>& best);
  /// Declares that the existing best checkpoint does not belong to this run.
  void forget_best() { saved_.best.reset(); }

  /// Writes the first checkpoint of a run. Throws Error(kInternal), because the run cannot be
  /// resumed without it.
  void begin(const std::string& bytes, const Progress& progress);

  void write_best(std::string bytes, const Best& best);
  void write_metrics(const std::string& csv);
  /// Also writes a best checkpoint that could not be written earlier.
  void write_last(const std::string& bytes, const Progress& progress);
  /// Writes another file with `action`, which may throw Error.
  void write(const std::filesystem::path& path, const std::function<void()>& action);

  /// The progress of the last checkpoint on disk; its `best` is that of the best checkpoint on
  /// disk.
  const Progress& saved() const { return saved_; }
  /// True if a best checkpoint is still to be written.
  bool owes_best() const { return owed_best_.has_value(); }
  /// The reason why a file could not be written; empty if all were.
  std::string failure() const { return failures_.empty() ? "" : failures_.begin()->second; }

 private:
  struct OwedBest {
    std::string bytes;
    Best best;
  };

  void pay_best();

  const RunDirectory& directory_;
  std::function<void(const std::string&)> warning_;
  Progress saved_;
  std::optional<OwedBest> owed_best_;
  std::map<std::filesystem::path, std::string> failures_;  // path to reason
};

}  // namespace snn
