#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "snn/data/batch.h"
#include "snn/data/source.h"

namespace snn {

/// Divides the samples of a source into batches; the only code that prepares samples for an engine.
class Loader {
 public:
  /// Loads the samples `indices` of `source`, initially in that order, `batch_size` per batch; the
  /// last batch may be smaller. The source must outlive the loader; every index must be below its
  /// size.
  Loader(const Source& source, std::vector<std::uint32_t> indices, std::int64_t batch_size);

  std::int64_t samples() const { return static_cast<std::int64_t>(indices_.size()); }
  std::int64_t batches() const { return (samples() + batch_size_ - 1) / batch_size_; }

  /// Shuffles the samples for a training epoch (from 1); the order depends only on seed and epoch.
  void shuffle(std::uint64_t seed, std::uint32_t epoch);

  /// Fills `batch` with batch `index` (below batches()) of the order, on the calling thread. Memory
  /// of `batch` is reused. Several threads may load concurrently.
  void load(std::int64_t index, Batch& batch) const;

 private:
  const Source& source_;
  std::vector<std::uint32_t> indices_, order_;
  std::int64_t batch_size_;
  std::uint64_t epoch_ = 0;
};

}  // namespace snn
