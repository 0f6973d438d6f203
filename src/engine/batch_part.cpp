#include "engine/batch_part.h"

#include <algorithm>

#include "snn/numeric/spike_words.h"

namespace snn {

void copy_part(const Batch& batch, std::int64_t first, std::int64_t count, Batch& part) {
  part.shape = batch.shape;
  part.is_sequence = batch.is_sequence;
  part.unit = batch.unit;
  part.epoch = batch.epoch;
  part.spike_steps = batch.spike_steps;
  const std::int64_t inputs = element_count(batch.shape), row = batch.size() * inputs;
  const std::int64_t rows = static_cast<std::int64_t>(batch.values.size()) / row;
  part.values.resize(static_cast<std::size_t>(rows * count * inputs));
  for (std::int64_t t = 0; t < rows; ++t) {
    std::copy_n(batch.values.data() + t * row + first * inputs, count * inputs,
                part.values.data() + t * count * inputs);
  }
  const std::int64_t words = words_of(batch.spike_steps) * inputs;  // of a sample
  part.spikes.assign(batch.spikes.begin() + (batch.has_spikes() ? first * words : 0),
                     batch.spikes.begin() + (batch.has_spikes() ? (first + count) * words : 0));
  part.labels.assign(batch.labels.begin() + first, batch.labels.begin() + first + count);
  part.samples.clear();
  if (!batch.samples.empty()) {
    part.samples.assign(batch.samples.begin() + first, batch.samples.begin() + first + count);
  }
}

}  // namespace snn
