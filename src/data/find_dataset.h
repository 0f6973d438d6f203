#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snn/data/dataset.h"

namespace snn {

/// The result of a search for a part of a data set.
struct DataSearch {
  std::optional<Dataset> dataset;
  std::vector<std::string> searched;  ///< the folders, with what they contained instead
};

/// True if a digest is that of published files.
bool is_published(std::string_view digest);

/// Like load_dataset(), but missing files are not an error.
DataSearch find_dataset(DatasetName name, Split split, const std::filesystem::path& data_dir);

/// Joins two parts into one set with the same classes. Throws Error(kData) naming both files if the
/// shapes of their samples differ.
Splits joined(Dataset train, Dataset test);

}  // namespace snn
