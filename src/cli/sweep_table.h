#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "sweep/sweep.h"

namespace snn::cli {

/// What a person sees of a sweep: a line for each run that has ended and, on a terminal, at the
/// foot those that are running, how far the whole is, the best so far and the time left.
class SweepTable {
 public:
  SweepTable(const Sweep& sweep, Terminal& terminal, bool quiet);

  /// The events that this shows.
  ExecutionEvents events();

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    std::size_t run;
    std::int64_t first_epoch;  ///< it had these done when it was started
    RunProgress progress;
  };

  void start(std::size_t run);
  void end(std::size_t run);
  void find_best();
  void draw();
  std::string line_of(const Running& running, int columns) const;
  std::string summary_line();
  std::string time_left();

  const Sweep& sweep_;
  Terminal& terminal_;
  bool quiet_;
  std::list<Running> running_;
  std::int64_t epochs_done_ = 0;  ///< by runs that have ended since the start
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_ = {};
  Clock::time_point estimated_end_ = {};
  std::int64_t estimated_after_ = 0;  ///< epochs done
  std::string best_;
};

/// The metric as people read it: 97.06 % or 0.1234.
std::string format_metric(const std::string& metric, double value);

/// The settings from the best to the worst, `most` of them at most: a column for each parameter, or
/// their values on a line below each where that is wider than `columns`.
std::string ranking_table(const Plan& plan, const std::vector<Ranked>& ranking, std::size_t most,
                          int columns);

}  // namespace snn::cli
