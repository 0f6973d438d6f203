#include "snn/train/checkpoint_interval.h"

#include "snn/text/error.h"
#include "snn/text/range.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn {

CheckpointInterval parse_checkpoint_interval(std::string_view text) {
  const std::string_view given = trimmed(text);
  CheckpointInterval interval{0, 0};
  std::string problem;
  if (given.ends_with('m')) {
    problem =
        read_number(trimmed(given.substr(0, given.size() - 1)), Range::above(0), interval.minutes);
  } else {
    problem = read_number(given, Range::at_least(0), interval.batches);
  }
  if (problem.empty()) return interval;
  throw Error(ExitCode::kUsage,
              "expected batches (500), minutes (10m) or 0, found " + quote(given));
}

std::string to_string(const CheckpointInterval& interval) {
  if (interval.batches > 0 || interval.minutes == 0) return std::to_string(interval.batches);
  return format_real(interval.minutes) + "m";
}

}  // namespace snn
