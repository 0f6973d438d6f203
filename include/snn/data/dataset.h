#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "snn/names.h"

namespace snn {

/// The shape of one sample without batch or time, e.g. {1, 28, 28}: channels, height, width.
using SampleShape = std::vector<std::int64_t>;

/// The number of values in a sample.
std::int64_t element_count(const SampleShape& shape);

enum class DatasetName { kMnist, kFashionMnist };
template <>
struct Names<DatasetName> {
  static constexpr std::pair<DatasetName, std::string_view> table[] = {
      {DatasetName::kMnist, "mnist"}, {DatasetName::kFashionMnist, "fashion-mnist"}};
};

/// What a person calls each class.
std::vector<std::string> class_names(DatasetName name);

enum class Split { kTrain, kTest };
template <>
struct Names<Split> {
  static constexpr std::pair<Split, std::string_view> table[] = {{Split::kTrain, "train"},
                                                                 {Split::kTest, "test"}};
};

/// One part of a data set, whole in memory, every check made.
struct Dataset {
  SampleShape shape;                 ///< {1, 28, 28}
  bool is_sequence = false;          ///< whether a sample is a sequence over time
  std::int64_t classes = 0;          ///< labels are 0 … classes-1
  std::vector<std::uint8_t> values;  ///< size * element_count(shape), a pixel v stands for v/255;
                                     ///< a sequence has T times as many, one step after the other
  std::vector<std::uint8_t> labels;  ///< size
  std::vector<std::string> class_names;
  std::string digest;     ///< "crc32:xxxxxxxx" over the unpacked image file, then the label file
  bool is_known = false;  ///< the digest is that of the published files
  std::filesystem::path directory;  ///< where the files were found

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

/// Loads one part of a data set from its IDX files (train-images-idx3-ubyte and so on), raw or
/// gzipped (.gz), after every check: sizes, magic numbers, counts, labels in range, no trailing
/// bytes, the gzip CRC, and the digest where the files have the published set's size.
///
/// Looks in data_dir/NAME and `data_dir` if it is not empty, else in the same two of $SNN_DATA_DIR
/// and of data, then in the usual system folders (/usr/share/datasets/NAME …). Goes on looking past
/// the published files of another set or split, but not past damaged ones. Files that do not have
/// the published set's size are the user's own and are taken as they are, with `is_known` false.
/// Throws Error(kData) naming the file, what was expected and found, and the command that fetches.
Dataset load_dataset(DatasetName name, Split split, const std::filesystem::path& data_dir);

}  // namespace snn
