#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace snn {

/// The interval of checkpoints within an epoch, in batches or minutes; if both are 0, there are
/// none. Written `500`, `10m` or `0`.
struct CheckpointInterval {
  std::int64_t batches = 0;
  double minutes = 10.0;

  bool operator==(const CheckpointInterval&) const = default;
};

/// Throws Error(kUsage) that names the expected format.
CheckpointInterval parse_checkpoint_interval(std::string_view text);
/// The interval as text; parse_checkpoint_interval() reads it back exactly.
std::string to_string(const CheckpointInterval& interval);

}  // namespace snn
