#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/fused/sparse_input.h"
#include "kernels/kernels.h"
#include "numeric/buffer.h"

namespace snn::fused {

/// A batch of spikes in the two orders in which the kernels read them: for the currents the inputs
/// that spike in each step, for the gradients the steps in which each input spikes.
class SpikeInput {
 public:
  /// The gradients of an input layer are computed for pieces of its inputs, of about the same size
  /// and at most that large: each sums a sample's gradients once more.
  static constexpr std::int64_t kMostInPiece = 512;
  static std::int64_t piece_size(std::int64_t inputs);

  /// Reserves memory. Throws Error(kUsage) for a batch that is too large.
  void begin(const InputShape& shape);

  /// Reads a part of the batch at `words`, (B,W,inputs). Parts may be read concurrently.
  void read_part(std::int64_t part, const std::uint32_t* words);

  const InputShape& shape() const { return shape_; }

  /// The spikes of a sample in the steps of a word.
  kernels::SpikeLists lists(std::int64_t sample, std::int64_t word) const;
  /// The trains of spikes of piece `piece` of the inputs in a sample and word, sorted by length.
  std::span<const kernels::SpikeTrain> trains(std::int64_t sample, std::int64_t word,
                                              std::int64_t piece) const;

 private:
  // The lists and trains of a part's samples, words and pieces, one after the other; list i ends
  // where the next one begins, at ends[i + 1].
  struct Part {
    std::vector<std::uint32_t> inputs, ends, train_ends;
    std::vector<kernels::SpikeTrain> trains;
    Buffer<std::uint32_t> buckets;  // scratch
  };

  std::int64_t words() const { return words_of(shape_.steps); }
  std::int64_t pieces() const;
  void list_trains(Part& part, const std::uint32_t* words, int steps) const;
  void list_inputs(Part& part, std::size_t first_train, int steps) const;

  InputShape shape_;
  std::vector<Part> parts_;
};

/// A batch as the kernels read it: values, or spikes.
struct NetworkInput {
  SparseInput values;
  SpikeInput spikes;
  bool is_spikes = false;

  const InputShape& shape() const { return is_spikes ? spikes.shape() : values.shape(); }
};

}  // namespace snn::fused
