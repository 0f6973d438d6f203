#pragma once

#include <cstddef>
#include <cstdint>

#include "snn/data/dataset.h"

namespace snn {

/// Properties that all samples of a source share.
struct SampleFormat {
  Shape shape;               ///< shape of a frame: a sample without batch and time
  bool is_sequence = false;  ///< whether samples are sequences over time
  std::int64_t frames = 1;   ///< time steps of a sample; 1 for images
  float unit = 1;            ///< a stored value v stands for v/unit
};

/// Labelled samples with random access, readable by several threads concurrently.
class Source {
 public:
  virtual ~Source() = default;

  virtual const SampleFormat& format() const = 0;
  virtual std::int64_t size() const = 0;
  virtual std::uint8_t label(std::uint32_t sample) const = 0;

  /// Writes the frames of a sample: the first to `to`, each further one `stride` values later.
  virtual void read(std::uint32_t sample, std::uint8_t* to, std::ptrdiff_t stride) const = 0;
};

/// The samples of a data set in memory; the data set must outlive the source.
class DatasetSource : public Source {
 public:
  explicit DatasetSource(const Dataset& dataset);

  const SampleFormat& format() const override { return format_; }
  std::int64_t size() const override { return dataset_.size(); }
  std::uint8_t label(std::uint32_t sample) const override { return dataset_.labels[sample]; }
  void read(std::uint32_t sample, std::uint8_t* to, std::ptrdiff_t stride) const override;

 private:
  const Dataset& dataset_;
  SampleFormat format_;
  std::size_t frame_size_;
};

}  // namespace snn
