#include "single_neuron/waveform.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "system/files.h"
#include "text/csv.h"
#include "text/message.h"
#include "text/parameters.h"

namespace snn {
namespace {

// The parameters of a waveform, by name, bound to its values.
std::vector<Parameter> parameters_of(Waveform& waveform) {
  const Range any, time = Range::at_least(0);
  switch (waveform.kind) {
    case WaveformKind::kStep:
      return {{"amplitude", &waveform.amplitude, any}, {"start", &waveform.start, time}};
    case WaveformKind::kRamp:
      return {{"to", &waveform.to, any}, {"from", &waveform.from, any}};
    case WaveformKind::kPulse:
      return {{"amplitude", &waveform.amplitude, any},
              {"start", &waveform.start, time},
              {"width", &waveform.width, Range::above(0)},
              {"period", &waveform.period, time}};
    case WaveformKind::kRecorded:
      break;
  }
  return {};
}

// The content of a cell, without spaces and quotes.
std::string_view unquoted(std::string_view cell) {
  cell = trimmed(cell);
  const bool is_quoted =
      cell.size() >= 2 && (cell[0] == '"' || cell[0] == '\'') && cell.back() == cell[0];
  return is_quoted ? trimmed(cell.substr(1, cell.size() - 2)) : cell;
}

// True if a cell can be the name of a column, which must be a word. A digit at its start, after any
// signs, marks a damaged number, and nan or N/A a missing one.
bool is_name(std::string_view cell) {
  std::string word, lower_word;  // its letters and digits
  for (const char c : cell) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (!is_upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) continue;
    word += c;
    lower_word += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  constexpr std::string_view kNoNames[] = {"nan", "inf", "infinity", "null", "none"};
  const bool begins_with_letter = !word.empty() && lower_word[0] >= 'a';
  return begins_with_letter && word != "NA" && word != "na" &&  // nA is a unit
         std::ranges::find(kNoNames, lower_word) == std::end(kNoNames);
}

bool is_heading(std::string_view line) {
  return std::ranges::all_of(split(line, ','),
                             [](const std::string& cell) { return is_name(unquoted(cell)); });
}

bool is_passed_over(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text.empty() || text[0] == '#';
}

// The numbers of a line, one or two; none if it contains anything else.
std::vector<double> numbers_of(std::string_view line) {
  std::vector<double> numbers;
  for (const std::string& cell : split(line, ',')) {
    if (!parse_real(unquoted(cell), numbers.emplace_back())) return {};
  }
  return numbers.size() <= 2 ? numbers : std::vector<double>();
}

// The message for an invalid line.
std::string expected_text(std::string_view line) {
  const bool has_other_separators = line.find_first_of("\t;") != std::string_view::npos;
  return "expected a current, or time,current, found " + quote(line) +
         (has_other_separators ? "; use a comma between time and current and a decimal point" : "");
}

Waveform read_recording(const std::string& path) {
  const auto fail = [&](std::size_t line, const std::string& why) {
    throw Error(ExitCode::kData, path + " line " + std::to_string(line + 1) + ": " + why);
  };
  Waveform waveform;
  waveform.kind = WaveformKind::kRecorded;
  waveform.file = path;
  std::size_t columns = 0;
  const std::string table = read_table(path, ExitCode::kData);
  std::string_view rest = table;
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const std::string_view line = take_line(rest).substr(0, kLongestLine);
    if (is_passed_over(line)) continue;
    const std::vector<double> numbers = numbers_of(line);
    if (numbers.empty() && columns == 0 && is_heading(line)) continue;
    if (numbers.empty()) fail(i, expected_text(line));
    if (columns == 0) columns = numbers.size();
    if (numbers.size() != columns) {
      fail(i, "expected " + std::to_string(columns) + " numbers as in the previous lines, found " +
                  std::to_string(numbers.size()));
    }
    const double time = columns == 2 ? numbers[0] : static_cast<double>(waveform.times.size());
    if (time < 0) fail(i, "expected a time from 0, found " + format_real(time));
    if (!waveform.times.empty() && time <= waveform.times.back()) {
      fail(i, "expected a time after " + format_real(waveform.times.back()) + ", found " +
                  format_real(time));
    }
    waveform.times.push_back(time);
    waveform.values.push_back(numbers.back());
  }
  if (waveform.times.empty()) throw Error(ExitCode::kData, path + ": it contains no current");
  const auto& times = waveform.times;
  const double last = times.size() > 1 ? times.back() - times[times.size() - 2] : 1;
  waveform.recorded_end = times.back() + last;
  return waveform;
}

// Adds the name of the first parameter: amplitude=0.2 for 0.2.
std::string with_first_name(std::string_view text, std::string_view name) {
  const std::string_view first = text.substr(0, text.find(','));
  const bool is_named = text.empty() || first.find('=') != std::string_view::npos;
  return is_named ? std::string(text) : std::string(name) + "=" + std::string(text);
}

}  // namespace

double Waveform::at(double time, double end) const {
  switch (kind) {
    case WaveformKind::kStep:
      return time >= start ? amplitude : 0;
    case WaveformKind::kRamp:
      return end > 0 ? from + (to - from) * std::min(1.0, time / end) : from;
    case WaveformKind::kPulse: {
      if (time < start) return 0;
      const double since = period > 0 ? std::fmod(time - start, period) : time - start;
      return since < width ? amplitude : 0;
    }
    case WaveformKind::kRecorded: {
      const auto next = std::ranges::upper_bound(times, time);
      if (next == times.begin() || time >= recorded_end) return 0;
      return values[static_cast<std::size_t>(next - times.begin() - 1)];
    }
  }
  return 0;
}

Waveform parse_waveform(std::string_view text) {
  const std::string path(text);
  const std::string kind(trimmed(text.substr(0, text.find(':'))));
  const auto known = from_name<WaveformKind>(kind);
  if (!known) {
    std::error_code ignored;
    if (path.ends_with(".csv") || std::filesystem::exists(path, ignored)) {
      return read_recording(path);
    }
    throw Error(ExitCode::kUsage,
                "expected step:AMPLITUDE, ramp:TO, pulse:AMPLITUDE,width=W or a CSV file, found " +
                    quote(text) + did_you_mean(kind, all_names<WaveformKind>()));
  }
  Waveform waveform;
  waveform.kind = *known;
  const std::vector<Parameter> parameters = parameters_of(waveform);
  const std::string_view rest = split_name(text).second;
  read_parameters(kind, with_first_name(rest, parameters.front().name), parameters);
  return waveform;
}

std::string to_string(const Waveform& waveform) {
  if (waveform.kind == WaveformKind::kRecorded) return waveform.file;
  Waveform copy = waveform;
  return write_parameters(name_of(waveform.kind), parameters_of(copy));
}

}  // namespace snn
