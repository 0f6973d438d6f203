#include "snn/data/loader.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "snn/numeric/random.h"

namespace snn {

Loader::Loader(const Source& source, std::vector<std::uint32_t> indices, std::int64_t batch_size)
    : source_(source), indices_(std::move(indices)), order_(indices_), batch_size_(batch_size) {}

void Loader::shuffle(std::uint64_t seed, std::uint32_t epoch) {
  const std::vector<std::uint32_t> places =
      shuffled(static_cast<std::uint32_t>(indices_.size()), seed, epoch);
  for (std::size_t i = 0; i < places.size(); ++i) order_[i] = indices_[places[i]];
  epoch_ = epoch;
}

void Loader::load(std::int64_t index, Batch& batch) const {
  assert(index < batches());
  const std::int64_t first = index * batch_size_;
  const auto begin = order_.begin() + first;
  batch.samples.assign(begin, begin + std::min(batch_size_, samples() - first));
  const SampleFormat& format = source_.format();
  batch.shape = format.shape;
  batch.is_sequence = format.is_sequence;
  batch.unit = format.unit;
  batch.epoch = epoch_;

  // A source stores the frames of a sample together, a batch those of a time step.
  const auto frame = static_cast<std::size_t>(element_count(format.shape));
  const std::size_t size = batch.samples.size();
  batch.labels.resize(size);
  batch.values.resize(static_cast<std::size_t>(format.frames) * size * frame);
  for (std::size_t i = 0; i < size; ++i) {
    batch.labels[i] = source_.label(batch.samples[i]);
    source_.read(batch.samples[i], batch.values.data() + i * frame,
                 static_cast<std::ptrdiff_t>(size * frame));
  }
}

}  // namespace snn
