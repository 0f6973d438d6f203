#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "snn/train/config.h"
#include "sweep/definition.h"

namespace snn {

struct PlannedRun {
  std::string name;                 ///< name of its folder, made of its values and its seed
  std::vector<std::string> values;  ///< for the plan's parameters
  std::int64_t seed = 1;
  std::vector<std::string> flags;  ///< its own, after those of all runs: --beta 0.5 --seed 1
  Config config;                   ///< complete, as snn-train parses it from all these flags
};

/// All runs of a sweep, determined before any run starts. Equal definitions give equal plans.
struct Plan {
  std::string name;
  Method method = Method::kGrid;
  std::string metric;
  Goal goal = Goal::kMaximize;
  std::vector<std::string> parameters;  ///< names of the swept options
  std::vector<std::string> arguments;   ///< flags common to all runs
  std::vector<PlannedRun> runs;         ///< the runs of a setting are adjacent, one per seed
  std::size_t seeds = 1;                ///< runs per setting
  /// The epochs after which successive halving selects settings, and the final epochs. Other
  /// methods have only the final one, where 0 stands for the number in each run's configuration.
  std::vector<std::int64_t> rungs = {0};
  std::int64_t eta = 0;  ///< for successive halving: the best 1/eta are kept
  Decision default_decision = Decision::kCountMembrane;  ///< for runs without --decision

  std::size_t settings() const { return runs.size() / seeds; }
};

/// Makes the plan of `definition`. Throws one Error(kUsage) that lists everything wrong.
///
/// Settings come in the order of the grids, the last parameter changing fastest; duplicates are
/// removed. Random settings are drawn one by one, each number determined by its position alone, so
/// that a larger run_cap adds settings and changes none.
Plan make_plan(const Definition& definition);

/// The content of sweep.json.
std::string plan_to_json(const Plan& plan);

/// The decision of the runs of a sweep.json that do not state one: count if the sweep began before
/// --decision existed, else snn-train's default.
Decision default_decision(std::string_view json);

/// The reasons why the runs of a sweep.json are not runs of `plan`, one per line; empty if `plan`
/// is the same or extends them. Flags that change no result may differ. `file` is its name in
/// messages. Throws Error(kUsage) if it is damaged.
std::vector<std::string> conflicts(const Plan& plan, std::string_view json,
                                   const std::string& file);

}  // namespace snn
