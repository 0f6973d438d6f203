#include "snn/data/source.h"

#include <cassert>
#include <cstring>

namespace snn {

DatasetSource::DatasetSource(const Dataset& dataset)
    : dataset_(dataset), frame_size_(static_cast<std::size_t>(element_count(dataset.shape))) {
  format_.shape = dataset.shape;
  format_.is_sequence = dataset.is_sequence;
  format_.unit = dataset.unit;
  const std::size_t frames = dataset.labels.size() * frame_size_;
  if (dataset.is_sequence && frames > 0) {
    format_.frames = static_cast<std::int64_t>(dataset.values.size() / frames);
  }
}

// A data set stores the frames of a sample together.
void DatasetSource::read(std::uint32_t sample, std::uint8_t* to, std::ptrdiff_t stride) const {
  assert(sample < dataset_.labels.size());
  const auto frames = static_cast<std::size_t>(format_.frames);
  const std::uint8_t* from = dataset_.values.data() + sample * frames * frame_size_;
  for (std::size_t frame = 0; frame < frames; ++frame, from += frame_size_, to += stride) {
    std::memcpy(to, from, frame_size_);
  }
}

}  // namespace snn
