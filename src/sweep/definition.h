#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/text/names.h"
#include "snn/train/option.h"
#include "snn/train/settings.h"
#include "sweep/distribution.h"

namespace snn {

/// The method that chooses the settings of a sweep.
enum class Method { kGrid, kRandom, kSuccessiveHalving };
template <>
struct Names<Method> {
  static constexpr std::pair<Method, std::string_view> table[] = {
      {Method::kGrid, "grid"},
      {Method::kRandom, "random"},
      {Method::kSuccessiveHalving, "successive-halving"}};
};

enum class Goal { kMaximize, kMinimize };
template <>
struct Names<Goal> {
  static constexpr std::pair<Goal, std::string_view> table[] = {{Goal::kMaximize, "maximize"},
                                                                {Goal::kMinimize, "minimize"}};
};

/// A swept option.
struct SweptOption {
  const Option* option = nullptr;
  std::string origin;               ///< "sweep.yaml line 7" or "--set"
  std::vector<std::string> values;  ///< as Option::format() writes them, without duplicates; or
  std::optional<Interval> interval = {};
};

/// Parameters whose values are combined with one another.
using Grid = std::vector<SweptOption>;

/// The content of a sweep's file and of the command line.
struct Definition {
  std::string name;
  Method method = Method::kGrid;
  std::string metric;  ///< empty: test accuracy, or validation accuracy if there is validation
  std::optional<Goal> goal = {};  ///< none: the goal of the metric
  Settings base = {};             ///< the options common to all runs, and all problems
  /// The options in `base` that a file of options gave: they may be swept nevertheless.
  std::map<std::string, std::string, std::less<>> base_origin = {};
  std::vector<Grid> grids = {};         ///< several grids run one after another
  std::vector<std::string> seeds = {};  ///< none: the seed of `base`
  std::string seeds_origin = {};
  std::int64_t run_cap = 0;  ///< largest number of settings; 0: all
  std::int64_t sweep_seed = 1;
  std::int64_t min_epochs = 1;
  std::int64_t eta = 3;

  std::vector<std::string> notes = {};  ///< remarks on the file for the user

  std::vector<std::string>& problems() { return base.problems; }
};

/// A metric that can rank runs: a number of their summary, and its goal.
struct MetricName {
  std::string_view name;
  Goal goal;
};
std::vector<MetricName> metric_names();

/// Reads a sweep's file over `definition`. Each error becomes a problem that names the line.
void apply_sweep_yaml(std::string_view text, const std::string& file, Definition& definition);

/// Reads `beta=0.5,0.7` over `definition`: a parameter of every grid.
void apply_set(std::string_view text, Definition& definition);

/// Reads seeds, `3` for 1, 2 and 3, or `4,7`, from --seeds.
void apply_seeds(std::string_view text, Definition& definition);

}  // namespace snn
