#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fused/buffer.h"
#include "kernels/kernels.h"
#include "snn/data/batch.h"

namespace snn::fused {

/// A batch as a sparse matrix: rows (B,inputs) of images, or (B * T,inputs) of sequences, those of
/// one sample one after the other. Most pixels are 0 and need no work.
class SparseInput {
 public:
  /// Makes room. Throws Error(kUsage) for a batch that is too large.
  void begin(std::int64_t rows, std::int64_t inputs);

  /// Reads row `row`. The rows of one `part` come in ascending order, one part wholly before the
  /// next; parts may be read at the same time.
  void read_row(std::int64_t row, bool begins_part, const std::uint8_t* values);
  void read_row(std::int64_t row, bool begins_part, const float* values);

  /// When all rows are there: lists the columns.
  void list_columns();

  kernels::SparseRows rows() const { return {entries_.data(), offsets_.data(), tiles_}; }
  const kernels::Entry* column_entries() const { return column_entries_.data(); }
  /// (inputs + 1)
  const std::uint32_t* column_offsets() const { return column_offsets_.data(); }

 private:
  template <class T>
  void read(std::int64_t row, bool begins_part, const T* values);

  std::int64_t rows_ = 0, inputs_ = 0, tiles_ = 0;
  Buffer<kernels::Entry> entries_, column_entries_;
  Buffer<std::uint32_t> offsets_, column_offsets_;
};

}  // namespace snn::fused
