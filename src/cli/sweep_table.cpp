#include "cli/sweep_table.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "cli/layout.h"
#include "snn/text/text.h"
#include "text/message.h"
#include "train/metric.h"

namespace snn::cli {
namespace {

// beta=0.5 hidden=200
std::string values_of(const Plan& plan, const PlannedRun& run) {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
    pieces.push_back(plan.parameters[i] + "=" + run.values[i]);
  }
  return join(pieces, " ");
}

// Redrawn lines must not wrap, so they are shorter than the terminal's width.
std::string cut(const std::string& text, int columns) {
  return text.substr(0, static_cast<std::size_t>(std::max(columns - 1, 0)));
}

// `text` after `head` on one line, shortened in the middle, since run names may differ only at the
// end.
std::string cut_in_the_middle(const std::string& head, const std::string& text, int columns) {
  constexpr std::size_t kShortest = 12;
  const auto width = static_cast<std::size_t>(std::max(columns - 1, 0));
  if (head.size() + kShortest > width) return cut(head + text, columns);
  return head + shortened(text, width - head.size());
}

std::string right(const std::string& text, std::size_t width) {
  return fmt::format("{:>{}}", text, width);
}

}  // namespace

std::string format_metric(const std::string& metric, double value) {
  return is_share(metric) ? format_percent(value) : fmt::format("{:.4f}", value);
}

SweepTable::SweepTable(const Sweep& sweep, Terminal& terminal, bool quiet)
    : sweep_(sweep), terminal_(terminal), quiet_(quiet) {
  find_best();
}

ExecutionEvents SweepTable::events() {
  ExecutionEvents events;
  events.started = [this](std::size_t run, int) { start(run); };
  events.ended = [this](std::size_t run) { end(run); };
  events.tick = [this] { draw(); };
  events.note = [this](const std::string& text) {
    if (!quiet_) terminal_.print(text);
  };
  events.warning = [this](const std::string& text) {
    terminal_.print(terminal_.yellow("warning: ") + text);
  };
  return events;
}

void SweepTable::start(std::size_t run) {
  const auto progress =
      read_progress(sweep_.files(), sweep_.plan().runs[run], sweep_.plan().metric);
  running_.push_back({run, progress.epoch, progress});
}

void SweepTable::end(std::size_t run) {
  const RunResult& result = sweep_.results()[run];
  const auto known = std::ranges::find(running_, run, &Running::run);
  if (known != running_.end()) {
    epochs_done_ += std::max<std::int64_t>(0, result.epochs() - known->first_epoch);
    running_.erase(known);
  }
  find_best();
  if (quiet_) return;

  const Plan& plan = sweep_.plan();
  std::size_t ended = 0;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    if (sweep_.is_final(i) || sweep_.results()[i].status == Status::kFailed) ++ended;
  }
  const auto value = result.number(plan.metric);
  const std::string count =
      fmt::format("{:>{}}/{}", ended, std::to_string(plan.runs.size()).size(), plan.runs.size());
  std::string line = fmt::format(
      "{}  {:<8}  {:>8}  {}", count, name_of(result.status),
      result.status != Status::kFailed && value ? format_metric(plan.metric, *value) : "-",
      plan.runs[run].name);
  if (result.status == Status::kFailed) {
    line = terminal_.red(line) + fmt::format("  exit code {}", result.exit_code.value_or(0));
  }
  terminal_.set_foot("");  // it still shows the run as running
  terminal_.print(line);
  drawn_ = {};
}

void SweepTable::find_best() {
  const Plan& plan = sweep_.plan();
  const auto ranking = rank(plan, sweep_.results());
  if (ranking.empty()) return;
  best_ = format_metric(plan.metric, ranking.front().mean) + " " +
          values_of(plan, plan.runs[ranking.front().setting * plan.seeds]);
}

std::string SweepTable::line_of(const Running& running, int columns) const {
  const Plan& plan = sweep_.plan();
  const RunProgress& progress = running.progress;
  const std::string value =
      progress.metric ? format_metric(plan.metric, *progress.metric) : std::string("-");
  return cut_in_the_middle(
      fmt::format("  epoch {}/{}  {:>8}  ", progress.epoch, sweep_.epochs(running.run), value),
      plan.runs[running.run].name, columns);
}

// The estimate is based on the epochs completed in this call and updated with each; in between it
// counts down.
std::string SweepTable::time_left() {
  std::int64_t done = epochs_done_, left = 0;
  for (std::size_t i = 0; i < sweep_.plan().runs.size(); ++i) {
    const bool has_failed = sweep_.results()[i].status == Status::kFailed;
    if (!has_failed && !sweep_.is_final(i)) left += sweep_.epochs(i);
  }
  for (const Running& running : running_) {
    done += running.progress.epoch - running.first_epoch;
    left -= running.progress.epoch;
  }
  if (done <= 0) return "";
  const Clock::time_point now = Clock::now();
  if (done != estimated_after_) {
    const std::chrono::duration<double> so_far = now - start_;
    const auto whole = so_far / static_cast<double>(done) * static_cast<double>(left);
    estimated_end_ = now + std::chrono::duration_cast<Clock::duration>(whole);
    estimated_after_ = done;
  }
  const double seconds = std::chrono::duration<double>(estimated_end_ - now).count();
  return "  about " + format_duration(std::max(1.0, std::round(seconds))) + " left";
}

std::string SweepTable::summary_line() {
  const std::size_t all = sweep_.plan().runs.size();
  const std::size_t failed = sweep_.count(Status::kFailed);
  const std::size_t done = sweep_.count(Status::kDone) + sweep_.count(Status::kStopped);
  constexpr int kWidth = 20;
  std::string line = bar(static_cast<double>(done + failed) / static_cast<double>(all), kWidth) +
                     fmt::format(" {} of {} done", done, all);
  if (failed > 0) line += fmt::format(", {} failed", failed);
  return line + time_left();
}

void SweepTable::draw() {
  constexpr auto kPause = std::chrono::milliseconds(400);
  if (!terminal_.is_interactive() || quiet_ || Clock::now() - drawn_ < kPause) return;
  drawn_ = Clock::now();
  constexpr std::size_t kMostLines = 16;
  const int columns = terminal_.columns();
  std::string foot;
  std::size_t lines = 0;
  for (Running& running : running_) {
    if (++lines > kMostLines) break;
    running.progress =
        read_progress(sweep_.files(), sweep_.plan().runs[running.run], sweep_.plan().metric);
    foot += line_of(running, columns) + "\n";
  }
  if (!best_.empty()) foot += cut_in_the_middle("best ", best_, columns) + "\n";
  terminal_.set_foot(foot + cut(summary_line(), columns));
}

namespace {

using Rows = std::vector<std::vector<std::string>>;

// The texts of `rows`, right-aligned in columns.
std::string aligned(const Rows& rows) {
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], row[k].size());
  }
  std::string table;
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) {
      table += (k > 0 ? "  " : "") + right(row[k], widths[k]);
    }
    table += '\n';
  }
  return table;
}

// One row per setting, with or without a column per parameter.
Rows ranking_rows(const Plan& plan, std::span<const Ranked> ranking, bool has_parameters) {
  const bool has_seeds = plan.seeds > 1;
  const bool halves = plan.method == Method::kSuccessiveHalving;
  Rows rows = {{"rank"}};
  if (has_parameters) {
    rows[0].insert(rows[0].end(), plan.parameters.begin(), plan.parameters.end());
  }
  if (halves) rows[0].push_back("epochs");
  if (has_seeds) rows[0].push_back("seeds");
  rows[0].push_back(title_of(plan.metric));
  if (has_seeds) rows[0].push_back("sd");
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    const Ranked& ranked = ranking[i];
    const auto& values = plan.runs[ranked.setting * plan.seeds].values;
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(std::to_string(i + 1));
    if (has_parameters) row.insert(row.end(), values.begin(), values.end());
    if (halves) row.push_back(std::to_string(ranked.epochs));
    if (has_seeds) row.push_back(std::to_string(ranked.seeds));
    row.push_back(format_metric(plan.metric, ranked.mean));
    if (has_seeds) row.push_back(ranked.sd ? format_metric(plan.metric, *ranked.sd) : "-");
  }
  return rows;
}

}  // namespace

std::string ranking_table(const Plan& plan, const std::vector<Ranked>& ranking, std::size_t most,
                          int columns) {
  const std::span shown = std::span(ranking).first(std::min(most, ranking.size()));
  const auto widest = static_cast<std::size_t>(columns);
  std::string table = aligned(ranking_rows(plan, shown, /*has_parameters=*/true));
  if (table.find('\n') > widest) {
    const auto lines = split(aligned(ranking_rows(plan, shown, /*has_parameters=*/false)), '\n');
    table = lines[0] + "\n";
    constexpr std::size_t kIndent = 6;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const PlannedRun& run = plan.runs[shown[i].setting * plan.seeds];
      table += lines[i + 1] + "\n" + std::string(kIndent, ' ') +
               wrapped(values_of(plan, run), kIndent, widest) + "\n";
    }
  }
  if (ranking.size() > most) {
    table += fmt::format("and {} more in ranking.csv\n", ranking.size() - most);
  }
  return table;
}

}  // namespace snn::cli
