#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "sweep/sweep.h"

namespace snn::cli {

/// The terminal output of a sweep: one line per completed run and, on a terminal, a footer with the
/// active runs, the overall progress, the best result so far and the time left.
class SweepTable {
 public:
  SweepTable(const Sweep& sweep, Terminal& terminal, bool quiet);

  /// The events that update the table.
  ExecutionEvents events();

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    std::size_t run;
    std::int64_t first_epoch;  ///< epochs already completed at its start
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
  std::int64_t epochs_done_ = 0;  ///< by runs that ended since the start
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_ = {};
  Clock::time_point estimated_end_ = {};
  std::int64_t estimated_after_ = 0;  ///< completed epochs
  std::string best_;
};

/// The metric as text: 97.06 % or 0.1234.
std::string format_metric(const std::string& metric, double value);

/// At most `most` settings from the best to the worst, with one column per parameter or, if that is
/// wider than `columns`, with the values on a line below each setting.
std::string ranking_table(const Plan& plan, const std::vector<Ranked>& ranking, std::size_t most,
                          int columns);

}  // namespace snn::cli
