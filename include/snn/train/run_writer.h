#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "snn/train/checkpoint.h"
#include "snn/train/run_directory.h"

namespace snn {

/// Writes the files that a run renews while it trains, each by itself: one that cannot be written
/// keeps no other from being so. It is told of once, and is to be given again, as all are with
/// every save; a best checkpoint is kept here until it can be written.
class RunWriter {
 public:
  /// `warning` may be empty; the directory must outlive the writer.
  RunWriter(const RunDirectory& directory, std::function<void(const std::string&)> warning)
      : directory_(directory), warning_(std::move(warning)) {}

  /// Takes what the checkpoints hold already: `last`, and the other one `best`.
  void resume(const Progress& last, const std::optional<Best>& best);
  /// From here on the best checkpoint that is there is none of this run.
  void forget_best() { saved_.best.reset(); }

  /// The first checkpoint of a run. Throws Error(kInternal): without it there is nothing to go on
  /// from.
  void begin(const std::string& bytes, const Progress& progress);

  void write_best(std::string bytes, const Best& best);
  void write_metrics(const std::string& csv);
  /// Also a best checkpoint that could not be written before.
  void write_last(const std::string& bytes, const Progress& progress);
  /// Writes another file by `action`, which throws Error.
  void write(const std::filesystem::path& path, const std::function<void()>& action);

  /// The progress of the last checkpoint as it is on the disk; its `best` is what the best
  /// checkpoint holds.
  const Progress& saved() const { return saved_; }
  /// Whether a best checkpoint waits to be written.
  bool owes_best() const { return owed_best_.has_value(); }
  /// Why a file is not what it should be; empty if all are.
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
