#include "data/locate.h"

#include <cstdlib>
#include <set>
#include <string_view>
#include <system_error>

#include "data/idx.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "system/installation.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEmnist = "emnist-";

std::string kind_suffix(IdxKind kind) {
  return kind == IdxKind::kImages ? "-images-idx3-ubyte" : "-labels-idx1-ubyte";
}

std::vector<std::string> spellings(const std::string& stem, IdxKind kind) {
  const std::string dashed = stem + kind_suffix(kind);
  std::string dotted = dashed;
  dotted[dotted.rfind("-idx")] = '.';
  return {dashed, dotted, dashed + ".gz", dotted + ".gz"};
}

fs::file_type type_of(const fs::path& path) {
  std::error_code ignored;
  return fs::status(path, ignored).type();
}

std::optional<fs::path> find_file(const fs::path& folder, const std::string& stem, IdxKind kind) {
  const std::vector<std::string> names = spellings(stem, kind);
  std::vector<fs::path> folders;
  for (const std::string& name : names) {
    const fs::path path = folder / name;
    const fs::file_type type = type_of(path);
    if (type == fs::file_type::directory) folders.push_back(path);
    if (type != fs::file_type::directory && type != fs::file_type::not_found) return path;
  }
  for (const fs::path& each : folders) {
    for (const std::string& name : names) {
      if (type_of(each / name) == fs::file_type::regular) return each / name;
    }
  }
  if (folders.empty()) return std::nullopt;
  return folders.front();
}

std::optional<IdxFiles> find_pair(const fs::path& folder, const std::string& stem) {
  const auto images = find_file(folder, stem, IdxKind::kImages);
  if (!images) return std::nullopt;
  const auto labels = find_file(folder, stem, IdxKind::kLabels);
  return IdxFiles{*images, labels.value_or(folder / (stem + kind_suffix(IdxKind::kLabels)))};
}

// The stems of EMNIST's image files in `folder`: emnist-letters-train.
std::set<std::string> emnist_stems(const fs::path& folder, const std::string& part) {
  std::set<std::string> stems;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::size_t length = name.find("-" + part + "-images");
    if (!name.starts_with(kEmnist) || length == std::string::npos) continue;
    const std::string stem = name.substr(0, length) + "-" + part;
    for (const std::string& spelling : spellings(stem, IdxKind::kImages)) {
      if (name == spelling) stems.insert(stem);
    }
  }
  return stems;
}

std::optional<IdxFiles> find_emnist(const fs::path& folder, Split split) {
  const std::string part(name_of(split));
  const std::set<std::string> stems = emnist_stems(folder, part);
  if (stems.empty()) return std::nullopt;
  if (stems.size() > 1) {
    throw Error(ExitCode::kData,
                folder.string() + ": expected the files of one EMNIST set, found " +
                    join(std::vector<std::string>(stems.begin(), stems.end()), ", ") +
                    "; put the files of the set you want into a folder of their own");
  }
  auto files = find_pair(folder, *stems.begin());
  if (files) files->is_transposed = true;
  return files;
}

std::string torchvision_name(DatasetName name) {
  return name == DatasetName::kMnist ? "MNIST" : "FashionMNIST";
}

}  // namespace

std::string images_name(Split split) {
  return (split == Split::kTrain ? "train" : "t10k") + kind_suffix(IdxKind::kImages);
}

std::optional<IdxFiles> find_idx_files(const fs::path& folder, Split split) {
  const std::vector<std::string> stems = split == Split::kTrain
                                             ? std::vector<std::string>{"train"}
                                             : std::vector<std::string>{"t10k", "test"};
  for (const std::string& stem : stems) {
    if (auto files = find_pair(folder, stem)) return files;
  }
  return find_emnist(folder, split);
}

std::vector<fs::path> search_folders(DatasetName name, const fs::path& data_dir) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& root) {
    const fs::path last = root.has_filename() ? root.filename() : root.parent_path().filename();
    if (last != name_of(name)) folders.push_back(root / name_of(name));
    folders.push_back(root);
    folders.push_back(root / torchvision_name(name) / "raw");
  };
  if (!data_dir.empty()) {
    add(data_dir);
    folders.push_back(data_dir / "raw");
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

}  // namespace snn
