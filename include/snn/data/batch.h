#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "snn/data/dataset.h"

namespace snn {

/// Some samples of a data set, in host memory, as an engine takes them: (B, shape...) for images,
/// (T, B, shape...) for sequences.
struct Batch {
  SampleShape shape;  ///< of one sample
  bool is_sequence = false;
  std::vector<std::uint8_t> values;  ///< a value v stands for v/255
  std::vector<std::uint8_t> labels;

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

/// Fills `batch` with the samples of `dataset` at `indices`, in that order. Every index must be
/// below dataset.size(). Memory that `batch` already has is used again.
void gather(const Dataset& dataset, std::span<const std::uint32_t> indices, Batch& batch);

}  // namespace snn
