#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snn/text/names.h"

namespace snn {

enum class WaveformKind {
  kStep,      ///< amplitude from start on                        step:amplitude=1,start=0
  kRamp,      ///< from `from`, at time 0, to `to`, at the end    ramp:to=1,from=0
  kPulse,     ///< amplitude for width from start on, again       pulse:amplitude=1,start=0,width=1,
              ///< after each period; 0: once                     period=0
  kRecorded,  ///< what a file says
};
template <>
struct Names<WaveformKind> {
  static constexpr std::pair<WaveformKind, std::string_view> table[] = {
      {WaveformKind::kStep, "step"},
      {WaveformKind::kRamp, "ramp"},
      {WaveformKind::kPulse, "pulse"}};
};

/// A current over time, as a single neuron is given it. The unit of time is the neuron's.
struct Waveform {
  WaveformKind kind = WaveformKind::kStep;
  double amplitude = 1, start = 0, width = 1, period = 0;
  double from = 0, to = 1;

  /// A recorded one: each value holds until the time of the next, the last for as long as the one
  /// before it; before and after that there is no current.
  std::vector<double> times, values;
  double recorded_end = 0;
  std::string file;

  /// The current at `time`, of a recording that ends at `end`.
  double at(double time, double end) const;
};

/// `step:0.2`, `pulse:amplitude=1,start=10,width=5`, `ramp:2`, where a number by itself is the
/// first parameter; anything else is the path of a CSV file with a value a line, for the times 0,
/// 1, 2 …, or a time and a value. Its first line may be a heading. Throws Error(kUsage) for what is
/// neither, and Error(kData) that names the line for a file that is wrong.
Waveform parse_waveform(std::string_view text);

/// The text, with every parameter stated; parse_waveform() reads it back.
std::string to_string(const Waveform& waveform);

}  // namespace snn
