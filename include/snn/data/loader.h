#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "snn/data/batch.h"
#include "snn/data/encoding.h"
#include "snn/data/source.h"

namespace snn {

/// The batches of `batch_size` into which `samples` are divided; the last may be smaller.
inline std::int64_t batch_count(std::int64_t samples, std::int64_t batch_size) {
  return (samples + batch_size - 1) / batch_size;
}

/// How a loader makes the samples a network's input.
struct InputOptions {
  Encoding encoding;
  std::int64_t steps = 25;  ///< T of encoded images; sequences have their own
  std::uint64_t seed = 1;   ///< random seed of the run
};

/// Divides the samples of a source into batches; the only code that prepares samples for an engine.
///
/// A batch is prepared in pieces, each a range of its samples that is written to its own part of
/// the batch and depends on no other: what prepares a sample draws random numbers by seed, epoch
/// and sample alone. The bytes of a batch therefore depend neither on the number of threads nor on
/// the order of the pieces.
class Loader {
 public:
  /// Loads the samples `indices` of `source`, initially in that order, `batch_size` per batch; the
  /// last batch may be smaller. The source must outlive the loader; every index must be below its
  /// size. With the encoding current, batches have the stored values, else spikes, whose draws are
  /// those of epoch 0 until shuffle() begins another one. Throws as Encoder() does.
  Loader(const Source& source, std::vector<std::uint32_t> indices, std::int64_t batch_size,
         const InputOptions& input = {});

  std::int64_t samples() const { return static_cast<std::int64_t>(indices_.size()); }
  std::int64_t batches() const { return batch_count(samples(), batch_size_); }

  /// The number of samples in batch `index`.
  std::int64_t size_of(std::int64_t index) const {
    return std::min(batch_size_, samples() - index * batch_size_);
  }

  /// Shuffles the samples for a training epoch (from 1); the order depends only on seed and epoch.
  void shuffle(std::uint64_t seed, std::uint32_t epoch);

  /// Makes `batch` batch `index` (below batches()) of the order, all but its values or spikes and
  /// labels, which load_piece() fills in. Memory of `batch` is reused. Returns the number of
  /// pieces: as many as there are, with at least kLeastPiece values or kLeastWords words of spikes
  /// each, for a smaller one would cost more to hand to a thread than to do.
  std::int64_t begin(std::int64_t index, Batch& batch) const;
  static constexpr std::size_t kLeastPiece = std::size_t{128} << 10;
  static constexpr std::size_t kLeastWords = std::size_t{8} << 10;

  /// Fills piece `piece` of a batch that begin() has begun, on the calling thread. Several threads
  /// may fill different pieces, and load different batches, concurrently.
  void load_piece(std::int64_t piece, Batch& batch) const;

  /// Fills `batch` with batch `index`, all pieces on the calling thread.
  void load(std::int64_t index, Batch& batch) const;

 private:
  static std::int64_t pieces_of(const Batch& batch);
  void encode(std::size_t place, std::vector<std::uint8_t>& values, Batch& batch) const;

  const Source& source_;
  InputOptions input_;
  std::optional<Encoder> encoder_;
  std::vector<std::uint32_t> indices_, order_;
  std::int64_t batch_size_;
  std::uint64_t epoch_ = 0;
};

}  // namespace snn
