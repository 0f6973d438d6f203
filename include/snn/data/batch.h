#pragma once

#include <cstdint>
#include <vector>

#include "snn/data/dataset.h"

namespace snn {

/// Some samples of a data set, in host memory, as an engine takes them: (B, shape...) for images,
/// (T, B, shape...) for sequences. A Loader fills it.
struct Batch {
  SampleShape shape;  ///< of one sample
  bool is_sequence = false;
  /// What the network is given for a stored value v is v/unit, rounded to float32.
  float unit = 1;
  std::vector<std::uint8_t> values;
  std::vector<std::uint8_t> labels;    ///< (B)
  std::vector<std::uint32_t> samples;  ///< (B) their numbers in the data set
  std::uint64_t epoch = 0;             ///< that they are trained in, from 1; 0: they are not

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

}  // namespace snn
