#include "snn/data/loader.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "snn/numeric/random.h"
#include "snn/numeric/spike_words.h"

namespace snn {

Loader::Loader(const Source& source, std::vector<std::uint32_t> indices, std::int64_t batch_size,
               const InputOptions& input)
    : source_(source),
      input_(input),
      indices_(std::move(indices)),
      order_(indices_),
      batch_size_(batch_size) {
  if (kind_of(input.encoding) == EncodingKind::kCurrent) return;
  const SampleFormat& format = source.format();
  encoder_.emplace(input.encoding, format.is_sequence ? format.frames : input.steps, format.unit,
                   format.is_sequence);
}

void Loader::shuffle(std::uint64_t seed, std::uint32_t epoch) {
  const std::vector<std::uint32_t> places =
      shuffled(static_cast<std::uint32_t>(indices_.size()), seed, epoch);
  for (std::size_t i = 0; i < places.size(); ++i) order_[i] = indices_[places[i]];
  epoch_ = epoch;
}

std::int64_t Loader::begin(std::int64_t index, Batch& batch) const {
  assert(index < batches());
  const auto begin = order_.begin() + index * batch_size_;
  batch.samples.assign(begin, begin + size_of(index));
  const SampleFormat& format = source_.format();
  batch.shape = format.shape;
  batch.is_sequence = format.is_sequence || encoder_;
  batch.unit = format.unit;
  batch.epoch = epoch_;
  batch.spike_steps = encoder_ ? encoder_->steps() : 0;
  const std::int64_t frame = element_count(format.shape);
  const std::int64_t values = encoder_ ? 0 : format.frames * frame,
                     words = words_of(batch.spike_steps) * frame;
  batch.labels.resize(batch.samples.size());
  batch.values.resize(batch.samples.size() * static_cast<std::size_t>(values));
  batch.spikes.resize(batch.samples.size() * static_cast<std::size_t>(words));
  return pieces_of(batch);
}

std::int64_t Loader::pieces_of(const Batch& batch) {
  const auto pieces = static_cast<std::int64_t>(batch.values.size() / kLeastPiece +
                                                batch.spikes.size() / kLeastWords);
  return std::clamp<std::int64_t>(pieces, 1, std::max<std::int64_t>(batch.size(), 1));
}

// A source stores the frames of a sample together, a batch those of a time step.
void Loader::load_piece(std::int64_t piece, Batch& batch) const {
  const std::int64_t pieces = pieces_of(batch);
  assert(piece < pieces);
  const auto frame = static_cast<std::size_t>(element_count(batch.shape));
  const auto stride = static_cast<std::ptrdiff_t>(batch.samples.size() * frame);
  const auto end = static_cast<std::size_t>((piece + 1) * batch.size() / pieces);
  std::vector<std::uint8_t> sample;
  for (auto i = static_cast<std::size_t>(piece * batch.size() / pieces); i < end; ++i) {
    batch.labels[i] = source_.label(batch.samples[i]);
    if (encoder_) {
      encode(i, sample, batch);
      continue;
    }
    source_.read(batch.samples[i], batch.values.data() + i * frame, stride);
  }
}

// Encodes the sample at a place of a batch; `values` is scratch.
void Loader::encode(std::size_t place, std::vector<std::uint8_t>& values, Batch& batch) const {
  const std::int64_t frame = element_count(batch.shape);
  values.resize(static_cast<std::size_t>(source_.format().frames * frame));
  const std::uint32_t sample = batch.samples[place];
  source_.read(sample, values.data(), static_cast<std::ptrdiff_t>(frame));
  const auto words = static_cast<std::size_t>(words_of(batch.spike_steps) * frame);
  encoder_->encode(values, {input_.seed, epoch_, sample}, batch.spikes.data() + place * words);
}

void Loader::load(std::int64_t index, Batch& batch) const {
  const std::int64_t pieces = begin(index, batch);
  for (std::int64_t piece = 0; piece < pieces; ++piece) load_piece(piece, batch);
}

}  // namespace snn
