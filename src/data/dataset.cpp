#include "snn/data/dataset.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "data/idx.h"
#include "installation.h"
#include "invocation.h"
#include "snn/error.h"
#include "snn/text.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kClasses = 10;

// The files as their authors published them.
struct Published {
  DatasetName name;
  Split split;
  std::int64_t size;
  std::string_view digest;
};
constexpr Published kPublished[] = {
    {DatasetName::kMnist, Split::kTrain, 60000, "crc32:2705307c"},
    {DatasetName::kMnist, Split::kTest, 10000, "crc32:481227ec"},
    {DatasetName::kFashionMnist, Split::kTrain, 60000, "crc32:c5355358"},
    {DatasetName::kFashionMnist, Split::kTest, 10000, "crc32:137d213c"},
};

const Published& published(DatasetName name, Split split) {
  return *std::ranges::find_if(
      kPublished, [&](const Published& p) { return p.name == name && p.split == split; });
}

// The published files that have this digest, null for files of the user's own.
const Published* recognise(std::string_view digest) {
  const auto* found = std::ranges::find(kPublished, digest, &Published::digest);
  return found == std::end(kPublished) ? nullptr : found;
}

// "the mnist train files"
std::string files_text(DatasetName name, Split split) {
  return "the " + std::string(name_of(name)) + " " + std::string(name_of(split)) + " files";
}

// Where files may lie, the best place first: that is also where fetched files go, so that they are
// found before damaged ones and never replace another set.
std::vector<fs::path> search_folders(DatasetName name, const fs::path& data_dir) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& root) {
    const fs::path last = root.has_filename() ? root.filename() : root.parent_path().filename();
    if (last != name_of(name)) folders.push_back(root / name_of(name));
    folders.push_back(root);
  };
  if (!data_dir.empty()) {
    add(data_dir);
    return folders;
  }
  const char* variable = std::getenv("SNN_DATA_DIR");
  if (variable != nullptr && *variable != '\0') add(variable);
  add("data");
  if (!user_data_folder().empty()) folders.push_back(user_data_folder() / name_of(name));
  folders.push_back(fs::path("/usr/local/share/datasets") / name_of(name));
  folders.push_back(fs::path("/usr/share/datasets") / name_of(name));
  return folders;
}

// The command that puts the published files into `folder`.
std::string fetch_command(DatasetName name, const fs::path& folder) {
  const std::string script = get_data_word();
  const std::string command = script + " " + std::string(name_of(name));
  // The script's own default is data/ beside it, or where an installed program looks.
  const bool is_default = folder == fs::path("data") / name_of(name) &&
                          (script == "scripts/get-data.sh" || script.ends_with("snn-get-data"));
  return is_default ? command : command + " " + path_word(folder);
}

std::string file_name(Split split, IdxKind kind) {
  return std::string(split == Split::kTrain ? "train" : "t10k") +
         (kind == IdxKind::kImages ? "-images-idx3-ubyte" : "-labels-idx1-ubyte");
}

// The file by any of its usual spellings. One that is there but out of reach counts as found, so
// that reading it tells why.
std::optional<fs::path> find_file(const fs::path& folder, Split split, IdxKind kind) {
  const std::string dashed = file_name(split, kind);
  std::string dotted = dashed;
  dotted[dotted.find("-idx")] = '.';
  for (const std::string& spelling : {dashed, dotted, dashed + ".gz", dotted + ".gz"}) {
    std::error_code ignored;
    const fs::path path = folder / spelling;
    if (fs::status(path, ignored).type() != fs::file_type::not_found) return path;
  }
  return std::nullopt;
}

// Reads the files in `folder` with every check but whether they are the set that was asked for.
// Nothing if the folder does not hold the split.
std::optional<Dataset> read_folder(const fs::path& folder, DatasetName name, Split split,
                                   const std::string& remedy) {
  const auto images_path = find_file(folder, split, IdxKind::kImages);
  if (!images_path) return std::nullopt;
  const fs::path labels_path = find_file(folder, split, IdxKind::kLabels)
                                   .value_or(folder / file_name(split, IdxKind::kLabels));

  IdxContent images = read_idx(*images_path, IdxKind::kImages, remedy);
  IdxContent labels = read_idx(labels_path, IdxKind::kLabels, remedy, images.crc);
  if (images.dimensions[0] != labels.dimensions[0]) {
    throw Error(ExitCode::kData, labels_path.string() + ": expected a label for each of the " +
                                     std::to_string(images.dimensions[0]) + " images in " +
                                     images_path->string() + ", found " +
                                     std::to_string(labels.dimensions[0]) + " labels; " + remedy);
  }
  const auto bad = std::ranges::find_if(labels.values, [](int label) { return label >= kClasses; });
  if (bad != labels.values.end()) {
    throw Error(ExitCode::kData, labels_path.string() + ": expected labels from 0 to " +
                                     std::to_string(kClasses - 1) + ", found " +
                                     std::to_string(*bad) + " at position " +
                                     std::to_string(bad - labels.values.begin()) + "; " + remedy);
  }

  Dataset dataset;
  dataset.shape = {1, images.dimensions[1], images.dimensions[2]};
  dataset.classes = kClasses;
  dataset.values = std::move(images.values);
  dataset.labels = std::move(labels.values);
  dataset.class_names = class_names(name);
  char digest[16];
  std::snprintf(digest, sizeof digest, "crc32:%08x", static_cast<unsigned>(labels.crc));
  dataset.digest = digest;
  dataset.directory = folder;
  return dataset;
}

}  // namespace

std::vector<std::string> class_names(DatasetName name) {
  switch (name) {
    case DatasetName::kMnist:
      return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    case DatasetName::kFashionMnist:
      return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
              "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  }
  return {};
}

std::int64_t element_count(const SampleShape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

Dataset load_dataset(DatasetName name, Split split, const fs::path& data_dir) {
  const Published& wanted = published(name, split);
  const std::vector<fs::path> folders = search_folders(name, data_dir);
  const std::string fetch = fetch_command(name, folders.front());
  const std::string remedy = "fetch it again with: " + fetch;

  std::vector<std::string> searched;
  for (const fs::path& folder : folders) {
    searched.push_back(folder.string());
    std::optional<Dataset> dataset = read_folder(folder, name, split, remedy);
    if (!dataset) continue;

    const Published* known = recognise(dataset->digest);
    if (known != nullptr && known != &wanted) {
      searched.back() += " (there are " + files_text(known->name, known->split) + ")";
      continue;
    }
    dataset->is_known = known != nullptr;
    if (!dataset->is_known && dataset->size() == wanted.size) {
      throw Error(ExitCode::kData, folder.string() + ": " + files_text(name, split) +
                                       " are damaged: expected " + std::string(wanted.digest) +
                                       ", found " + dataset->digest + "; " + remedy);
    }
    return *std::move(dataset);
  }
  throw Error(ExitCode::kData, files_text(name, split) + " (" + file_name(split, IdxKind::kImages) +
                                   ", raw or .gz) were not found: searched " +
                                   join(searched, ", ") + "; fetch them with: " + fetch);
}

}  // namespace snn
