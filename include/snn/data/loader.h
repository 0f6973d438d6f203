#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "snn/data/batch.h"
#include "snn/data/source.h"

namespace snn {

/// Cuts samples of a source into batches. Nothing else prepares samples for an engine.
class Loader {
 public:
  /// The samples `indices` of `source`, at first in that order, `batch_size` in each batch; the
  /// last one has what is left. The source must outlive the loader; every index must be below its
  /// size.
  Loader(const Source& source, std::vector<std::uint32_t> indices, std::int64_t batch_size);

  std::int64_t samples() const { return static_cast<std::int64_t>(indices_.size()); }
  std::int64_t batches() const { return (samples() + batch_size_ - 1) / batch_size_; }

  /// Brings the samples into the order of an epoch of training, from 1, which seed and epoch alone
  /// decide.
  void shuffle(std::uint64_t seed, std::uint32_t epoch);

  /// Fills `batch` with batch `index` (below batches()) of the order, on the calling thread. Memory
  /// that `batch` already has is used again. Several threads may load at once.
  void load(std::int64_t index, Batch& batch) const;

 private:
  const Source& source_;
  std::vector<std::uint32_t> indices_, order_;
  std::int64_t batch_size_;
  std::uint64_t epoch_ = 0;
};

}  // namespace snn
