#include "cli/sweep_data.h"

#include <spdlog/fmt/fmt.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/find_dataset.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/checkpoint.h"
#include "snn/train/run_directory.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;

using Digests = std::vector<std::string>;  // of the training and test images

// The digests of a run's training data; none without a readable checkpoint.
std::optional<Digests> digests_of(const fs::path& run) {
  try {
    const Checkpoint checkpoint = load_checkpoint(find_checkpoint(run, /*reported=*/false));
    return Digests{checkpoint.train_digest, checkpoint.test_digest};
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

void check_data(const Sweep& sweep) {
  const auto& runs = sweep.plan().runs;
  std::map<DatasetName, Digests> found;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Config& config = runs[i].config;
    if (sweep.is_final(i) || found.contains(config.dataset)) continue;
    const Splits splits = load_splits(config.dataset, config.data_dir);
    found[config.dataset] = {splits.train.digest, splits.test.digest};
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto here = found.find(runs[i].config.dataset);
    if (!sweep.is_final(i) || here == found.end()) continue;
    const fs::path folder = sweep.files().run(runs[i]);
    const auto then = digests_of(folder);
    if (!then) continue;
    if (*then != here->second) {
      throw Error(ExitCode::kData,
                  fmt::format("{} was trained on different data: expected {}, found {}; give the "
                              "--data-dir of those data, or another --out-dir",
                              folder.string(), join(*then, " and "), join(here->second, " and ")));
    }
    found.erase(here);  // one run represents the others
  }
}

void check_present_data(const Plan& plan) {
  std::set<DatasetName> seen;
  for (const PlannedRun& run : plan.runs) {
    const Config& config = run.config;
    if (!seen.insert(config.dataset).second) continue;
    DataSearch train = find_dataset(config.dataset, Split::kTrain, config.data_dir);
    DataSearch test = find_dataset(config.dataset, Split::kTest, config.data_dir);
    if (train.dataset && test.dataset) joined(*std::move(train.dataset), *std::move(test.dataset));
  }
}

}  // namespace snn::cli
