#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "snn/data/dataset.h"

namespace snn {

/// The files of one part of a data set.
struct IdxFiles {
  std::filesystem::path images;
  std::filesystem::path labels;  ///< where they belong, if they are not there
  bool is_transposed = false;    ///< they are EMNIST's, which store columns as rows
};

/// The files of `split` in `folder`, by any of their usual names: MNIST's (train-images-idx3-ubyte,
/// t10k-..., with a dot before idx, with .gz) or EMNIST's (emnist-letters-train-images-idx3-ubyte).
/// A file may lie in a folder of its own name, as some programs unpack it. One that is there but
/// out of reach counts as found, so that reading it tells why. Throws Error(kData) where several
/// sets of EMNIST lie together.
std::optional<IdxFiles> find_idx_files(const std::filesystem::path& folder, Split split);

/// The usual name of a split's images: train-images-idx3-ubyte.
std::string images_name(Split split);

/// Where the files of a set may lie, the best place first: that is also where fetched files go, so
/// that they are found before damaged ones and never replace another set. torchvision's folders
/// (MNIST/raw) come last. An empty `data_dir` stands for the usual places.
std::vector<std::filesystem::path> search_folders(DatasetName name,
                                                  const std::filesystem::path& data_dir);

}  // namespace snn
