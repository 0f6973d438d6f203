#include "snn/data/batch.h"

#include <cassert>
#include <cstring>

namespace snn {

void gather(const Dataset& dataset, std::span<const std::uint32_t> indices, Batch& batch) {
  batch.shape = dataset.shape;
  batch.is_sequence = dataset.is_sequence;
  batch.labels.resize(indices.size());
  for (std::size_t i = 0; i < indices.size(); ++i) {
    assert(indices[i] < dataset.labels.size());
    batch.labels[i] = dataset.labels[indices[i]];
  }

  // An image is a sequence of one frame. A data set keeps the frames of a sample together, a batch
  // those of a time step.
  const auto frame = static_cast<std::size_t>(element_count(dataset.shape));
  const std::size_t steps =
      dataset.is_sequence ? dataset.values.size() / (dataset.labels.size() * frame) : 1;
  batch.values.resize(steps * indices.size() * frame);
  std::uint8_t* target = batch.values.data();
  for (std::size_t step = 0; step < steps; ++step) {
    for (const std::size_t index : indices) {
      std::memcpy(target, dataset.values.data() + (index * steps + step) * frame, frame);
      target += frame;
    }
  }
}

}  // namespace snn
