#pragma once

#include <array>
#include <cstdint>

#include "kernels/kernels.h"
#include "numeric/buffer.h"

namespace snn::fused {

/// The number of samples per part; the last part of a batch may be smaller.
inline constexpr std::int64_t kPart = 32;

/// The shape of a batch: images (samples,inputs), the same at each step, or sequences
/// (steps,samples,inputs).
struct InputShape {
  std::int64_t samples = 0, steps = 0, inputs = 0;
  bool is_sequence = false;
  float unit = 255;  // a byte v means v/unit

  /// The number of rows of one sample in the sparse matrix.
  std::int64_t rows() const { return is_sequence ? steps : 1; }
  std::int64_t parts() const { return (samples + kPart - 1) / kPart; }
};

/// A batch as a sparse matrix, sample by sample. Most pixels are 0 and need no work.
class SparseInput {
 public:
  /// Reserves memory. Throws Error(kUsage) for a batch that is too large.
  void begin(const InputShape& shape);

  /// Reads a part of the batch at `values`; bytes v mean v/unit. Parts may be read concurrently.
  template <class T>
  void read_part(std::int64_t part, const T* values);

  /// Lists the columns; call it after all parts have been read.
  void list_columns();

  const InputShape& shape() const { return shape_; }
  bool has_columns() const { return has_columns_; }
  kernels::SparseRows rows() const { return {entries_.data(), offsets_.data(), tiles_}; }
  const kernels::Entry* column_entries() const { return column_entries_.data(); }
  /// (inputs + 1)
  const std::uint32_t* column_offsets() const { return column_offsets_.data(); }

 private:
  template <class T>
  void read_row(std::int64_t row, bool begins_part, const T* values);

  InputShape shape_;
  std::array<float, 256> shades_{};  // v/unit
  float unit_of_shades_ = 0;
  std::int64_t tiles_ = 0;
  bool has_columns_ = false;
  Buffer<kernels::Entry> entries_, column_entries_;
  Buffer<std::uint32_t> offsets_, column_offsets_;
};

}  // namespace snn::fused
