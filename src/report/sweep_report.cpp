#include "report/sweep_report.h"

#include <cctype>
#include <map>

#include "report/sweep_pictures.h"
#include "report/sweep_settings.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn::report {
namespace {

namespace fs = std::filesystem;

// ---- tables

// The name of a folder, escaped for a link.
std::string url_encoded(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        (byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '_' || c == '.' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

TableCell link_to(const SweepFolder& sweep, const std::string& run) {
  std::error_code ignored;
  const bool has_report = fs::exists(sweep.path / "runs" / run / "report.html", ignored);
  return {run, has_report ? "runs/" + url_encoded(run) + "/report.html" : ""};
}

// The table of ranking.csv, with a link to each setting's first run.
std::string ranking_table(const SweepFolder& sweep) {
  constexpr std::size_t kShown = 20;
  const Csv& csv = *sweep.ranking;
  Table table{{"rank"}, {}, 1 + sweep.parameters.size()};
  for (const std::string& parameter : sweep.parameters) table.header.push_back(parameter);
  for (const std::string& name :
       {metric_label(sweep), std::string("sd"), std::string("runs"), std::string("first run")}) {
    table.header.push_back(name);
  }
  const auto number = [&](std::size_t row, const char* column) {
    double value = 0;
    const bool is_number = parse_real(csv.cell(row, column), value);
    return is_number ? shown_metric(sweep, in_unit(sweep, value)) : std::string("–");
  };
  Table rest = table;
  for (std::size_t i = 0; i < csv.rows.size(); ++i) {
    auto& row = (i < kShown ? table : rest).rows.emplace_back();
    row.push_back({csv.cell(i, "rank")});
    for (const std::string& parameter : sweep.parameters) row.push_back({csv.cell(i, parameter)});
    row.push_back({number(i, "mean")});
    row.push_back({number(i, "sd")});
    row.push_back({csv.cell(i, "seeds")});
    TableCell run = link_to(sweep, csv.cell(i, "first_run"));
    if (!run.link.empty()) run.text = "report";
    row.push_back(run);
  }
  std::string html = html_heading("Ranking") + html_table(table);
  if (!rest.rows.empty()) {
    html += html_details("The other " + std::to_string(rest.rows.size()) + " settings",
                         html_table(rest));
  }
  return html;
}

std::string failed_table(const SweepFolder& sweep) {
  Table table{{"run", "exit code", "error"}, {}, 3};
  for (const SweepRun& run : sweep.runs) {
    if (run.error.empty() && run.status != "failed") continue;
    table.rows.push_back({link_to(sweep, run.name), {run.exit_code}, {run.error}});
  }
  return table.rows.empty() ? "" : html_heading("Failed runs") + html_table(table);
}

std::string runs_table(const SweepFolder& sweep) {
  Table table{{"run"}, {}, 1};
  for (const std::string& parameter : sweep.parameters) table.header.push_back(parameter);
  for (const std::string& name :
       {std::string("seed"), std::string("status"), metric_label(sweep), std::string("seconds")}) {
    table.header.push_back(name);
  }
  for (const SweepRun& run : sweep.runs) {
    auto& row = table.rows.emplace_back();
    row.push_back(link_to(sweep, run.name));
    for (const std::string& value : run.values) row.push_back({value});
    const auto metric = metric_of(sweep, run);
    const auto seconds = run.files ? seconds_of(run) : std::nullopt;
    row.push_back({std::to_string(run.seed)});
    row.push_back({run.status});
    row.push_back({metric ? shown_metric(sweep, in_unit(sweep, *metric)) : "–"});
    row.push_back({seconds ? format_fixed(*seconds, 1) : "–"});
  }
  return html_details("All " + std::to_string(sweep.runs.size()) + " runs", html_table(table));
}

// ---- the page

std::string tiles(const SweepFolder& sweep, const std::vector<std::string>& baseline,
                  const std::vector<Setting>& settings) {
  std::map<std::string, std::int64_t> count;
  double seconds = 0;
  for (const SweepRun& run : sweep.runs) {
    ++count[run.status];
    if (run.files) seconds += seconds_of(run).value_or(0);
  }
  std::vector<Tile> tiles;
  if (!settings.empty() && settings.front().metric) {
    const Setting& best = settings.front();
    tiles.push_back({"best " + metric_label(sweep), shown_metric(sweep, best.metric->mean)});
    if (!best.values.empty()) tiles.push_back({"its setting", long_name(sweep, best, baseline)});
  }
  tiles.push_back({"settings", format_count(static_cast<std::int64_t>(settings.size()))});
  for (const char* status : {"done", "stopped", "failed", "interrupted", "pending"}) {
    const auto found = count.find(status);
    if (found != count.end())
      tiles.push_back({"runs " + found->first, format_count(found->second)});
  }
  tiles.push_back({"total training time", format_duration(seconds)});
  return html_tiles(tiles);
}

}  // namespace

Report report_sweep(const SweepFolder& sweep) {
  const std::vector<Setting> settings = settings_of(sweep);
  Report report;
  const std::vector<std::string> baseline = baseline_of(sweep);
  report.pictures = sweep_pictures(sweep, baseline, settings);
  std::vector<Drawing> drawings;
  for (const Picture& picture : report.pictures) drawings.push_back(picture.drawing);

  std::string body = html_paragraph(
      sweep.method + " over " +
      (sweep.parameters.empty() ? "seeds" : join(sweep.parameters, ", ")) +
      (sweep.arguments.empty() ? "" : "; every run with " + join(sweep.arguments, " ")));
  body += tiles(sweep, baseline, settings);
  if (sweep.ranking && !sweep.ranking->rows.empty()) body += ranking_table(sweep);
  if (drawings.empty()) body += html_notice("No run has results yet.");
  body += html_heading("Pictures");
  if (!baseline.empty()) {
    body += html_paragraph("The baseline is " + long_name(sweep, {baseline, {}, {}}) +
                           ", the values that most runs have. Curves and heat maps show the runs "
                           "that differ from it only in the parameters they name.");
  }
  body += html_pictures(drawings) + failed_table(sweep) + html_heading("Runs") + runs_table(sweep);
  report.html = html_page(sweep.name, body);
  return report;
}

void write_sweep_report(const fs::path& folder) {
  write_report(report_sweep(read_sweep(folder)), folder, folder / "report.html");
}

}  // namespace snn::report
