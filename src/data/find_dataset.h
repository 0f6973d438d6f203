#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snn/data/dataset.h"

namespace snn {

/// What a search for a part of a data set came to.
struct DataSearch {
  std::optional<Dataset> dataset;
  std::vector<std::string> searched;  ///< the folders, and what there was in them instead
};

/// Whether a digest is that of published files.
bool is_published(std::string_view digest);

/// As load_dataset(), but files that are not there are no error.
DataSearch find_dataset(DatasetName name, Split split, const std::filesystem::path& data_dir);

/// Two parts as one set, in the same classes. Throws Error(kData) that names both files if their
/// samples have different shapes.
Splits joined(Dataset train, Dataset test);

}  // namespace snn
