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
  std::filesystem::path labels;  ///< the expected path if they do not exist
  bool is_transposed = false;    ///< true for EMNIST, which stores columns as rows
};

/// The files of `split` in `folder`, under any of their usual names: MNIST's
/// (train-images-idx3-ubyte, t10k-..., with a dot before idx, with .gz) or EMNIST's
/// (emnist-letters-train-images-idx3-ubyte). A file may be in a folder of its own name, where some
/// programs unpack it. An inaccessible file counts as found, so that reading it reports the reason.
/// Throws Error(kData) if the folder contains several sets of EMNIST.
std::optional<IdxFiles> find_idx_files(const std::filesystem::path& folder, Split split);

std::string images_name(Split split);

/// The folders that may contain the files of a set, the best one first: fetched files go there, so
/// that they are found before damaged ones and never replace another set. torchvision's folders
/// (MNIST/raw) come last. An empty `data_dir` stands for the usual places.
std::vector<std::filesystem::path> search_folders(DatasetName name,
                                                  const std::filesystem::path& data_dir);

}  // namespace snn
