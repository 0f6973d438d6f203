#include "engine/fused/sparse_input.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>

#include "snn/text/error.h"

namespace snn::fused {
namespace {

using kernels::Entry;
using kernels::kTile;

// Appends the non-zero values of [begin, end) to `to` without a branch per value. Eight zero bytes
// at once, as in most of an image, are skipped.
Entry* append(const std::uint8_t* values, std::int64_t begin, std::int64_t end, const float* shades,
              Entry* to) {
  constexpr std::int64_t kWord = 8;
  std::int64_t i = begin;
  const auto append_one = [&] {
    *to = {static_cast<std::uint32_t>(i), shades[values[i]]};
    to += values[i] != 0 ? 1 : 0;
    ++i;
  };
  while (i + kWord <= end) {
    std::uint64_t word = 0;
    std::memcpy(&word, values + i, sizeof word);
    if (word == 0) {
      i += kWord;
      continue;
    }
    for (std::int64_t k = 0; k < kWord; ++k) append_one();
  }
  while (i < end) append_one();
  return to;
}

Entry* append(const float* values, std::int64_t begin, std::int64_t end, const float*, Entry* to) {
  for (std::int64_t i = begin; i < end; ++i) {
    *to = {static_cast<std::uint32_t>(i), values[i]};
    to += values[i] != 0 ? 1 : 0;  // NaN is not zero
  }
  return to;
}

}  // namespace

void SparseInput::begin(const InputShape& shape) {
  shape_ = shape;
  has_columns_ = false;
  const std::int64_t rows = shape.samples * shape.rows(), inputs = shape.inputs;
  tiles_ = (inputs + kTile - 1) / kTile;
  const auto capacity = static_cast<std::size_t>(rows * (inputs + 2 * tiles_));
  if (capacity + static_cast<std::size_t>(inputs) > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ExitCode::kUsage, "a batch of " + std::to_string(rows) + " rows of " +
                                      std::to_string(inputs) +
                                      " values is too large for the fused kernels; use a smaller "
                                      "batch");
  }
  entries_.reserve(capacity + 1);  // one is written ahead
  offsets_.reserve(static_cast<std::size_t>(rows * (tiles_ + 1)));
  column_entries_.reserve(capacity + static_cast<std::size_t>(inputs));
  column_offsets_.reserve(static_cast<std::size_t>(inputs + 1));
  if (shape.unit == unit_of_shades_) return;
  unit_of_shades_ = shape.unit;
  // As the reference engine computes them.
  for (std::size_t v = 0; v < shades_.size(); ++v) shades_[v] = static_cast<float>(v) / shape.unit;
}

template <class T>
void SparseInput::read_part(std::int64_t part, const T* values) {
  const std::int64_t first = part * kPart, end = std::min(first + kPart, shape_.samples);
  for (std::int64_t sample = first; sample < end; ++sample) {
    for (std::int64_t row = 0; row < shape_.rows(); ++row) {
      read_row(sample * shape_.rows() + row, sample == first && row == 0,
               values + (row * shape_.samples + sample) * shape_.inputs);
    }
  }
}

template void SparseInput::read_part(std::int64_t, const std::uint8_t*);
template void SparseInput::read_part(std::int64_t, const float*);

// The rows of a part are contiguous, from an offset that does not depend on other parts.
template <class T>
void SparseInput::read_row(std::int64_t row, bool begins_part, const T* values) {
  std::uint32_t* offsets = offsets_.data() + row * (tiles_ + 1);
  offsets[0] =
      begins_part ? static_cast<std::uint32_t>(row * (shape_.inputs + 2 * tiles_)) : offsets[-1];
  Entry* to = entries_.data() + offsets[0];
  for (std::int64_t tile = 0; tile < tiles_; ++tile) {
    Entry* begin = to;
    const std::int64_t first = tile * kTile;
    to = append(values, first, std::min(first + kTile, shape_.inputs), shades_.data(), to);
    if ((to - begin) % 2 != 0) *to++ = {static_cast<std::uint32_t>(first), 0.0F};
    offsets[tile + 1] = static_cast<std::uint32_t>(to - entries_.data());
  }
}

void SparseInput::list_columns() {
  // Counting sort by column; within each, rows ascend.
  const std::int64_t inputs = shape_.inputs, rows = shape_.samples * shape_.rows();
  std::uint32_t* offsets = column_offsets_.data();
  std::fill_n(offsets, inputs + 1, 0U);
  const auto for_each = [&](auto visit) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::uint32_t* ends = offsets_.data() + row * (tiles_ + 1);
      for (std::uint32_t e = ends[0]; e < ends[tiles_]; ++e) visit(row, entries_.data()[e]);
    }
  };
  // Fillers are counted and moved too: a branch to skip them would cost more.
  for_each([&](std::int64_t, const Entry& entry) { ++offsets[entry.index + 1]; });
  for (std::int64_t i = 0; i < inputs; ++i) {
    const std::uint32_t count = offsets[i + 1];
    offsets[i + 1] = offsets[i] + count + count % 2;
  }
  Entry* columns = column_entries_.data();
  for (std::int64_t i = 0; i < inputs; ++i) {
    // Every column gets a filler at its end; the last entry of an even column overwrites it.
    if (offsets[i + 1] > offsets[i]) columns[offsets[i + 1] - 1] = {0, 0.0F};
  }
  for_each([&](std::int64_t row, const Entry& entry) {
    columns[offsets[entry.index]++] = {static_cast<std::uint32_t>(row), entry.value};
  });
  // Each offset is now at the end of its column, before the filler; this moves it back to the
  // beginning.
  for (std::int64_t i = inputs; i > 0; --i) offsets[i] = offsets[i - 1] + offsets[i - 1] % 2;
  offsets[0] = 0;
  has_columns_ = true;
}

}  // namespace snn::fused
