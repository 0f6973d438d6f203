#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace snn {

/// How often a checkpoint is saved within an epoch: after so many batches or minutes, or, where
/// both are 0, never. Written `500`, `10m` or `0`.
struct CheckpointInterval {
  std::int64_t batches = 0;
  double minutes = 10.0;

  bool operator==(const CheckpointInterval&) const = default;
};

/// Throws Error(kUsage) that says what is expected.
CheckpointInterval parse_checkpoint_interval(std::string_view text);
/// parse_checkpoint_interval() reads it back exactly.
std::string to_string(const CheckpointInterval& interval);

}  // namespace snn
