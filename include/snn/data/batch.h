#pragma once

#include <cstdint>
#include <vector>

#include "snn/data/dataset.h"

namespace snn {

/// A batch of samples in host memory, in the layout that an engine expects. It has either values,
/// (B, shape...) for images and (T, B, shape...) for sequences, or spikes. A Loader fills it.
struct Batch {
  Shape shape;  ///< of one sample
  bool is_sequence = false;
  /// The network's input for a stored value v is v/unit, rounded to float32.
  float unit = 1;
  std::vector<std::uint8_t> values;
  /// Spikes over `spike_steps` steps as bits (spike_words.h), (B, W, shape...): the input is 1
  /// where a bit is set and 0 elsewhere, and is_sequence is true.
  std::vector<std::uint32_t> spikes;
  std::int64_t spike_steps = 0;        ///< T; 0: the batch has values
  std::vector<std::uint8_t> labels;    ///< (B)
  std::vector<std::uint32_t> samples;  ///< (B) their numbers in the data set
  std::uint64_t epoch = 0;             ///< epoch of training, from 1; 0: not in training

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  bool has_spikes() const { return spike_steps > 0; }
};

}  // namespace snn
