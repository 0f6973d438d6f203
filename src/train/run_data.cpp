#include "train/run_data.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "data/find_dataset.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/settings.h"
#include "system/files.h"
#include "text/json.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

// The folder of a checkpoint's run, or else the folder that contains the checkpoint.
fs::path folder_of(const fs::path& checkpoint) {
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(fs::absolute(checkpoint, ignored), ignored);
  const fs::path folder = real.parent_path();
  return folder.filename() == "checkpoints" ? folder.parent_path() : folder;
}

// The data paths in the run's readable files; none of these files is required.
std::vector<fs::path> recorded_folders(const fs::path& run) {
  std::vector<fs::path> folders;
  try {
    Settings settings;
    const fs::path path = run / "config.yaml";
    apply_yaml(read_file(path, ExitCode::kData, kLargestText), path.string(), settings);
    if (!settings.config.data_dir.empty()) folders.emplace_back(settings.config.data_dir);
  } catch (const std::exception&) {  // the file is optional
  }
  try {
    const Json json = parse_json(read_file(run / "summary.json", ExitCode::kData, kLargestText));
    const auto found = json.is_object() ? json.find("data_directory") : json.end();
    if (found != json.end() && found->is_string()) folders.emplace_back(found->get<std::string>());
  } catch (const std::exception&) {  // the file is optional
  }
  return folders;
}

// `path` and its suffixes, with leading folders removed.
std::vector<fs::path> ends_of(const fs::path& path) {
  std::vector<fs::path> ends;
  for (auto first = path.begin(); first != path.end(); ++first) {
    fs::path end;
    for (auto part = first; part != path.end(); ++part) end /= *part;
    if (end.is_relative() && end != "." && end != "..") ends.push_back(end);
  }
  return ends;
}

// Candidate folders of the data in the form of load_dataset(), the likeliest first.
std::vector<fs::path> candidates(const fs::path& run) {
  std::vector<fs::path> found = recorded_folders(run);
  const std::vector<fs::path> recorded = found;
  if (found.empty()) found.emplace_back();
  const auto add = [&](const fs::path& folder) {
    std::error_code ignored;
    const bool is_new = std::ranges::find(found, folder) == found.end();
    if (is_new && fs::is_directory(folder, ignored)) found.push_back(folder);
  };
  for (fs::path above = run;; above = above.parent_path()) {
    for (const fs::path& folder : recorded) {
      for (const fs::path& end : ends_of(folder.lexically_normal())) add(above / end);
    }
    add(above / "data");
    if (above == above.root_path()) break;
  }
  found.emplace_back();
  return found;
}

// The data found instead of a run's data, each folder once.
class Others {
 public:
  void add(const fs::path& folder, const std::string& what) {
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(fs::absolute(folder, ignored), ignored);
    if (!std::ranges::count(seen_, real)) texts_.push_back(what);
    seen_.push_back(real);
  }
  std::string text() const { return join(texts_, ", "); }

 private:
  std::vector<fs::path> seen_;
  std::vector<std::string> texts_;
};

[[noreturn]] void refuse(const RunDataRequest& request, const fs::path& run, const Others& others) {
  std::string were;
  const std::vector<fs::path> recorded = recorded_folders(run);
  if (!recorded.empty()) were = " (they were in " + recorded.front().string() + ")";
  throw Error(ExitCode::kData,
              request.checkpoint.string() + ": the data of its run were not found: expected " +
                  std::string(name_of(request.dataset)) + " " +
                  std::string(name_of(request.split)) + " files of " + request.digest + were +
                  ", found " + others.text() + "; give their folder with --data-dir DIR");
}

}  // namespace

RunData find_run_data(const RunDataRequest& request) {
  const fs::path run = folder_of(request.checkpoint);
  Others others;
  bool is_any = false;
  for (const fs::path& folder : candidates(run)) {
    try {
      DataSearch search = find_dataset(request.dataset, request.split, folder);
      if (!search.dataset) {
        others.add(folder, "none in " + join(search.searched, ", "));
        continue;
      }
      is_any = true;
      Dataset& dataset = *search.dataset;
      if (dataset.digest == request.digest) return {std::move(dataset), folder.string()};
      others.add(dataset.directory, dataset.digest +
                                        (dataset.is_known ? " (the published ones)" : "") + " in " +
                                        dataset.directory.string());
    } catch (const Error& error) {
      is_any = true;
      others.add(folder, error.what());
    }
  }
  // Only published files can be fetched; that advice would mislead users with their own files.
  if (!is_any && is_published(request.digest)) load_dataset(request.dataset, request.split, "");
  refuse(request, run, others);
}

}  // namespace snn
