#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "snn/numeric/shape.h"
#include "snn/text/names.h"

namespace snn {

/// The shape of a sample as text, `28 x 28`; a single channel is left out.
std::string size_text(const Shape& shape);

enum class DatasetName { kMnist, kFashionMnist };
template <>
struct Names<DatasetName> {
  static constexpr std::pair<DatasetName, std::string_view> table[] = {
      {DatasetName::kMnist, "mnist"}, {DatasetName::kFashionMnist, "fashion-mnist"}};
};

/// Human-readable class names of the published set.
std::vector<std::string> class_names(DatasetName name);
/// The same for `classes` classes; additional classes of a user's own data are named by number.
std::vector<std::string> class_names(DatasetName name, std::int64_t classes);

enum class Split { kTrain, kTest };
template <>
struct Names<Split> {
  static constexpr std::pair<Split, std::string_view> table[] = {{Split::kTrain, "train"},
                                                                 {Split::kTest, "test"}};
};

/// A label is a byte.
inline constexpr std::int64_t kMostClasses = 256;

/// One part of a data set, loaded completely and checked.
struct Dataset {
  Shape shape;                       ///< of a sample without time: {1, 28, 28}
  bool is_sequence = false;          ///< whether a sample is a sequence over time
  std::int64_t classes = 0;          ///< labels are 0 … classes-1
  std::vector<std::uint8_t> values;  ///< size * element_count(shape); a sequence has T times as
                                     ///< many, one step after the other
  float unit = 255;  ///< a stored value v stands for v/unit: pixels become shares of the brightest
  std::vector<std::uint8_t> labels;      ///< size
  std::vector<std::string> class_names;  ///< classes
  std::string digest;  ///< "crc32:xxxxxxxx" over the unpacked image file, then the label file, then
                       ///< the word "transposed" where the images were
  bool is_known =
      false;  ///< the digest matches the published files; false for the user's own files
  std::filesystem::path directory;    ///< where the files were found
  std::filesystem::path images_file;  ///< the image file among them
  std::vector<std::string> remarks;   ///< notes on the user's own files, one line each
  std::string doubt;  ///< why they may not be the data set that the user expects, or empty

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

/// Loads one part of a data set from its IDX files (train-images-idx3-ubyte and so on), raw or
/// gzipped (.gz), after every check: sizes, magic numbers, counts, no trailing bytes, the gzip CRC.
///
/// Looks in data_dir/NAME, `data_dir`, data_dir/MNIST/raw (torchvision's FashionMNIST/raw) and
/// data_dir/raw if it is not empty, else in the first three of $SNN_DATA_DIR and of data, then in
/// the usual system folders (/usr/share/datasets/NAME …). The search skips published files of
/// another set or split, but stops at damaged ones. Files whose digest is not a published one are
/// the user's own: their `classes` is 10, or more if the labels of either part are larger. EMNIST's
/// images, recognised by their file names, are transposed back. Throws Error(kData) that names the
/// file, the expected and the found value, and the remedy.
Dataset load_dataset(DatasetName name, Split split, const std::filesystem::path& data_dir);

/// Both parts of a data set; their samples have the same shape and classes.
struct Splits {
  Dataset train;
  Dataset test;
};

/// Loads both parts. Throws Error(kData) as load_dataset() does, and, naming both files, if their
/// samples have different shapes.
Splits load_splits(DatasetName name, const std::filesystem::path& data_dir);

}  // namespace snn
