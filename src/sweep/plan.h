#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "snn/train/config.h"
#include "sweep/definition.h"

namespace snn {

struct PlannedRun {
  std::string name;                 ///< of its folder, from its values and its seed
  std::vector<std::string> values;  ///< of the plan's parameters
  std::int64_t seed = 1;
  std::vector<std::string> flags;  ///< its own, after those of all: --beta 0.5 --seed 1
  Config config;                   ///< whole, as snn-train makes it of all these flags
};

/// All runs of a sweep, fixed before anything runs. Equal definitions give equal plans.
struct Plan {
  std::string name;
  Method method = Method::kGrid;
  std::string metric;
  Goal goal = Goal::kMaximize;
  std::vector<std::string> parameters;  ///< names of the swept options
  std::vector<std::string> arguments;   ///< flags of every run
  std::vector<PlannedRun> runs;         ///< those of one setting, one a seed, side by side
  std::size_t seeds = 1;                ///< runs of a setting
  /// The epochs after which successive halving chooses, then those at the end; of another method
  /// only the end, where 0 stands for what each run's configuration says.
  std::vector<std::int64_t> rungs = {0};
  std::int64_t eta = 0;  ///< of successive halving: one in eta goes on
  Decision default_decision = Decision::kCountMembrane;  ///< of runs that are told none

  std::size_t settings() const { return runs.size() / seeds; }
};

/// The plan of `definition`. Throws Error(kUsage) with everything that is wrong, in one message.
///
/// Settings come in the order of the grids, the last parameter changing fastest; those that are
/// there already are left out. Random settings are drawn one by one, each number by its position
/// alone, so that a larger run_cap adds settings and changes none.
Plan make_plan(const Definition& definition);

/// sweep.json.
std::string plan_to_json(const Plan& plan);

/// What decides in the runs of a sweep.json that is not told: count if the sweep began before there
/// was --decision, else what is snn-train's default.
Decision default_decision(std::string_view json);

/// What keeps the runs that a sweep.json speaks of from being runs of `plan`, one a line; empty if
/// `plan` is the same or has runs beyond them. Flags that change no result may differ. `file` is
/// how to call it in messages. Throws Error(kUsage) if it is damaged.
std::vector<std::string> conflicts(const Plan& plan, std::string_view json,
                                   const std::string& file);

}  // namespace snn
