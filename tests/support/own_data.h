#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/idx_files.h"

namespace snn {

/// Images as a user may bring them, made by a rule.
struct OwnData {
  std::uint32_t rows = 28, columns = 28;
  std::uint8_t first_label = 0, last_label = 9;
  std::uint32_t train = 60, test = 40;
  std::uint8_t shade = 0;  ///< another one makes other images with the same labels
};

/// The image file of so many of them: of each label the same number of rows is bright, more or
/// less.
inline Bytes own_images(const OwnData& data, std::uint32_t count) {
  Bytes values;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t classes = data.last_label - data.first_label + 1u;
    const std::uint32_t bright = data.rows * (i % classes + 1) / classes;
    for (std::uint32_t row = 0; row < data.rows; ++row) {
      for (std::uint32_t column = 0; column < data.columns; ++column) {
        const std::uint32_t grain = (7 * i + 3 * row + column) % 32;
        values.push_back(static_cast<std::uint8_t>(data.shade + (row < bright ? 200 : 0) + grain));
      }
    }
  }
  return image_bytes(count, data.rows, data.columns, values);
}

inline Bytes own_labels(const OwnData& data, std::uint32_t count) {
  Bytes labels;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t classes = data.last_label - data.first_label + 1u;
    labels.push_back(static_cast<std::uint8_t>(data.first_label + i % classes));
  }
  return label_bytes(labels);
}

/// Writes one part, with `stem` for its name: train or t10k for MNIST's.
inline void write_own_part(const std::filesystem::path& folder, const std::string& stem,
                           const OwnData& data, std::uint32_t count) {
  std::filesystem::create_directories(folder);
  write_bytes(folder / (stem + "-images-idx3-ubyte"), own_images(data, count));
  write_bytes(folder / (stem + "-labels-idx1-ubyte"), own_labels(data, count));
}

inline void write_own_data(const std::filesystem::path& folder, const OwnData& data = {}) {
  write_own_part(folder, "train", data, data.train);
  write_own_part(folder, "t10k", data, data.test);
}

}  // namespace snn
