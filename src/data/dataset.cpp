#include "snn/data/dataset.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "data/find_dataset.h"
#include "data/idx.h"
#include "data/locate.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "system/installation.h"
#include "system/invocation.h"
#include "text/message.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

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

// The published files that have this digest, or null for the user's own files.
const Published* recognise(std::string_view digest) {
  const auto* found = std::ranges::find(kPublished, digest, &Published::digest);
  return found == std::end(kPublished) ? nullptr : found;
}

// "the mnist train files"
std::string files_text(DatasetName name, Split split) {
  return "the " + std::string(name_of(name)) + " " + std::string(name_of(split)) + " files";
}

// The command that puts the published files into `folder`.
std::string fetch_command(DatasetName name, const fs::path& folder) {
  const std::string script = get_data_word();
  const std::string command = script + " " + std::string(name_of(name));
  // This is the script's own default: data/ beside it, or the folder that an installed program
  // searches.
  const bool is_default = folder == fs::path("data") / name_of(name) &&
                          (script == "scripts/get-data.sh" || script.ends_with("snn-get-data"));
  return is_default ? command : command + " " + path_word(folder);
}

// The advice about damaged files in `folder`. Only in the published set's own place among the usual
// folders are they surely meant to be the published files; elsewhere, fetched files would be found
// before the user's own. `best` is the folder that is searched first.
std::string remedy_for(DatasetName name, const fs::path& folder, const fs::path& best) {
  const std::vector<fs::path> usual = search_folders(name, "");
  if (folder.filename() == name_of(name) && std::ranges::find(usual, folder) != usual.end()) {
    return "fetch it again with: " + fetch_command(name, best);
  }
  return "replace it with an undamaged file";
}

std::string digest_text(std::uint32_t crc) {
  char text[16];
  std::snprintf(text, sizeof text, "crc32:%08x", static_cast<unsigned>(crc));
  return text;
}

// Turns each image so that its columns are rows.
void transpose(IdxContent& images) {
  const auto rows = static_cast<std::size_t>(images.dimensions[1]);
  const auto columns = static_cast<std::size_t>(images.dimensions[2]);
  std::vector<std::uint8_t> turned(images.values.size());
  for (std::size_t first = 0; first < turned.size(); first += rows * columns) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column) {
        turned[first + column * rows + row] = images.values[first + row * columns + column];
      }
    }
  }
  images.values = std::move(turned);
  std::swap(images.dimensions[1], images.dimensions[2]);
}

// The labels of the other part, as far as they can be read; errors are reported where that part is
// needed.
std::vector<std::uint8_t> labels_of_other(const fs::path& folder, Split split) {
  try {
    const auto files =
        find_idx_files(folder, split == Split::kTrain ? Split::kTest : Split::kTrain);
    if (files) return read_idx(files->labels, IdxKind::kLabels, "").values;
  } catch (const Error&) {  // reported where the other part is needed
  }
  return {};
}

// Counts the classes of both parts, so that they agree.
void count_classes(DatasetName name, const std::vector<std::uint8_t>& others, Dataset& dataset) {
  auto [least, most] = std::ranges::minmax(dataset.labels);
  for (const std::uint8_t label : others) {
    least = std::min(least, label);
    most = std::max(most, label);
  }
  // The user's own files with fewer classes than the published set are assumed to be a part of such
  // a set.
  dataset.classes = std::max<std::int64_t>(std::ssize(class_names(name)), most + 1);
  dataset.class_names = class_names(name, dataset.classes);
  if (least == 1) {
    dataset.remarks.push_back("labels run from 1 to " + std::to_string(most) +
                              ": class 0 is unused");
  }
}

// Reads the files in `folder` with every check except whether they are the requested set. Returns
// nothing if the folder does not contain the split.
std::optional<Dataset> read_folder(const fs::path& folder, DatasetName name, Split split,
                                   const std::string& remedy) {
  const auto files = find_idx_files(folder, split);
  if (!files) return std::nullopt;
  IdxContent images = read_idx(files->images, IdxKind::kImages, remedy);
  IdxContent labels = read_idx(files->labels, IdxKind::kLabels, remedy, images.crc);
  if (images.dimensions[0] != labels.dimensions[0]) {
    throw Error(ExitCode::kData, files->labels.string() + ": expected a label for each of the " +
                                     std::to_string(images.dimensions[0]) + " images in " +
                                     files->images.string() + ", found " +
                                     std::to_string(labels.dimensions[0]) + " labels; " + remedy);
  }
  Dataset dataset;
  std::uint32_t crc = labels.crc;
  if (files->is_transposed) {
    transpose(images);
    // The mark gives the same files under MNIST's names, which hold different samples, a different
    // digest.
    constexpr std::string_view kMark = "transposed";
    crc = continue_crc(crc, kMark);
    dataset.remarks.push_back("EMNIST's images are stored transposed; they were turned upright");
  }
  dataset.shape = {1, images.dimensions[1], images.dimensions[2]};
  dataset.values = std::move(images.values);
  dataset.labels = std::move(labels.values);
  dataset.digest = digest_text(crc);
  dataset.directory = folder;
  dataset.images_file = files->images;
  count_classes(name, labels_of_other(folder, split), dataset);
  return dataset;
}

// The warning about files that have the size of a published set but a different digest: they may be
// a drop-in replacement, or damaged.
std::string doubt_of(const Dataset& dataset, const Published& wanted) {
  const bool has_its_numbers = dataset.size() == wanted.size && dataset.shape == Shape{1, 28, 28};
  if (dataset.is_known || !has_its_numbers) return "";
  return dataset.directory.string() + ": the " + std::string(name_of(wanted.split)) +
         " files have the size of " + std::string(name_of(wanted.name)) + " (" +
         format_count(wanted.size) + " images of 28 x 28) but are not the published ones (" +
         dataset.digest + ", published " + std::string(wanted.digest) +
         "); they are treated as your own data";
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

std::vector<std::string> class_names(DatasetName name, std::int64_t classes) {
  std::vector<std::string> names = class_names(name);
  const auto count = static_cast<std::size_t>(classes);
  // A set with more classes is a different one, so that no name applies.
  if (count > names.size()) names.clear();
  for (std::size_t i = names.size(); i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

std::string size_text(const Shape& shape) {
  std::vector<std::string> sides;
  for (const std::int64_t side : shape) sides.push_back(std::to_string(side));
  if (sides.size() == 3 && shape[0] == 1) sides.erase(sides.begin());
  return join(sides, " x ");
}

bool is_published(std::string_view digest) { return recognise(digest) != nullptr; }

DataSearch find_dataset(DatasetName name, Split split, const fs::path& data_dir) {
  const Published& wanted = published(name, split);
  DataSearch search;
  const std::vector<fs::path> folders = search_folders(name, data_dir);
  for (const fs::path& folder : folders) {
    search.searched.push_back(folder.string());
    std::optional<Dataset> dataset =
        read_folder(folder, name, split, remedy_for(name, folder, folders.front()));
    if (!dataset) continue;
    const Published* known = recognise(dataset->digest);
    if (known != nullptr && known != &wanted) {
      search.searched.back() += " (contains " + files_text(known->name, known->split) + ")";
      continue;
    }
    dataset->is_known = known != nullptr;
    dataset->doubt = doubt_of(*dataset, wanted);
    search.dataset = std::move(dataset);
    break;
  }
  return search;
}

Dataset load_dataset(DatasetName name, Split split, const fs::path& data_dir) {
  DataSearch search = find_dataset(name, split, data_dir);
  if (search.dataset) return *std::move(search.dataset);
  throw Error(ExitCode::kData, files_text(name, split) + " (" + images_name(split) +
                                   ", raw or .gz) were not found: searched " +
                                   join(search.searched, ", ") + "; fetch them with: " +
                                   fetch_command(name, search_folders(name, data_dir).front()));
}

Splits joined(Dataset train, Dataset test) {
  if (train.shape != test.shape) {
    throw Error(ExitCode::kData, "training and test images have different shapes: those in " +
                                     train.images_file.string() + " are " + size_text(train.shape) +
                                     ", those in " + test.images_file.string() + " are " +
                                     size_text(test.shape) + "; use images of one shape");
  }
  // The two parts may come from different folders, each with its own labels.
  const std::vector<std::string> names =
      train.classes > test.classes ? train.class_names : test.class_names;
  const std::int64_t classes = std::max(train.classes, test.classes);
  Splits splits{std::move(train), std::move(test)};
  for (Dataset* part : {&splits.train, &splits.test}) {
    part->classes = classes;
    part->class_names = names;
  }
  return splits;
}

Splits load_splits(DatasetName name, const fs::path& data_dir) {
  Dataset train = load_dataset(name, Split::kTrain, data_dir);
  return joined(std::move(train), load_dataset(name, Split::kTest, data_dir));
}

}  // namespace snn
