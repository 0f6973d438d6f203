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
  kRecorded,  ///< the samples of a file
};
template <>
struct Names<WaveformKind> {
  static constexpr std::pair<WaveformKind, std::string_view> table[] = {
      {WaveformKind::kStep, "step"},
      {WaveformKind::kRamp, "ramp"},
      {WaveformKind::kPulse, "pulse"}};
};

/// The input current of a single neuron over time, in the neuron's unit of time.
struct Waveform {
  WaveformKind kind = WaveformKind::kStep;
  double amplitude = 1, start = 0, width = 1, period = 0;
  double from = 0, to = 1;

  /// The samples of a recording: each value lasts until the time of the next, the last one as long
  /// as the one before it; outside of the recording there is no current.
  std::vector<double> times, values;
  double recorded_end = 0;
  std::string file;

  /// The current at `time`, in a recording that ends at `end`.
  double at(double time, double end) const;
};

/// Parses `step:0.2`, `pulse:amplitude=1,start=10,width=5` or `ramp:2`, where a number without a
/// name is the first parameter; any other text is the path of a CSV file with one value per line,
/// for the times 0, 1, 2 …, or with time and value. Its first line may be a heading. Throws
/// Error(kUsage) for a text that is neither, and Error(kData) naming the line for an invalid file.
Waveform parse_waveform(std::string_view text);

/// The text with every parameter stated, which parse_waveform() reads back.
std::string to_string(const Waveform& waveform);

}  // namespace snn
