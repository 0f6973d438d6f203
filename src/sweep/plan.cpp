#include "sweep/plan.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "snn/numeric/random.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "text/json.h"
#include "text/message.h"
#include "train/option_table.h"

namespace snn {
namespace {

constexpr std::size_t kMostRuns = 100'000;

// An option and one of its values.
struct Choice {
  const SweptOption* parameter;
  std::string value;
};
using Setting = std::vector<Choice>;

// Adds a flag and its value; a value that looks like a flag must be part of the flag's word.
void add_flag(const Option& option, const std::string& value, std::vector<std::string>& words) {
  const std::string flag = "--" + option.name;
  if (value.empty() || value[0] == '-') {
    words.push_back(flag + "=" + value);
  } else {
    words.insert(words.end(), {flag, value});
  }
}

std::string draw(const SweptOption& parameter, RandomStream random) {
  if (parameter.interval) return draw(*parameter.interval, random);
  return parameter.values[random.below(static_cast<std::uint32_t>(parameter.values.size()))];
}

// Makes the plan of one definition.
class Planner {
 public:
  explicit Planner(const Definition& definition)
      : definition_(definition), fixed_(definition.base), problems_(definition.base.problems) {
    // Without grids, only the seeds differ.
    if (definition.grids.empty()) grids_.emplace_back();
    for (const Grid& grid : definition.grids) grids_.push_back(grid);
  }

  Plan make() {
    plan_.name = definition_.name;
    plan_.method = definition_.method;
    check_grids();
    throw_problems();
    set_seeds();
    const std::vector<Setting> settings = distinct(is_random() ? drawn() : combined());
    set_parameters(settings);
    set_arguments();
    for (const Setting& setting : settings) add_runs(setting);
    set_metric();
    set_rungs();
    if (plan_.runs.size() < 2)
      problem("nothing to sweep: parameters, seeds, --set and --seeds define only one run");
    throw_problems();
    return std::move(plan_);
  }

 private:
  void problem(const std::string& text) {
    if (std::find(problems_.begin(), problems_.end(), text) == problems_.end()) {
      problems_.push_back(text);
    }
  }

  void throw_problems() const {
    Settings settings;
    settings.problems = problems_;
    throw_if_wrong(settings);
  }

  bool has_interval() const {
    return std::ranges::any_of(grids_, [](const Grid& grid) {
      return std::ranges::any_of(grid, [](const SweptOption& p) { return p.interval.has_value(); });
    });
  }

  // Successive halving draws at random if there is an interval to draw from.
  bool is_random() const {
    return definition_.method == Method::kRandom ||
           (definition_.method == Method::kSuccessiveHalving && has_interval());
  }

  // True if a swept option may also be given elsewhere: by a file of options, as a default, and by
  // the sweep's file for those of its grids that do not sweep it.
  bool is_baseline(const std::pair<const std::string, std::string>& given) const {
    const auto leaves_alone = [&](const Grid& grid) {
      return std::ranges::none_of(
          grid, [&](const SweptOption& p) { return p.option->name == given.first; });
    };
    const bool is_flag = given.second.starts_with("--");
    return is_of_base_file(given) || (!is_flag && std::ranges::any_of(grids_, leaves_alone));
  }

  bool is_of_base_file(const std::pair<const std::string, std::string>& given) const {
    const auto known = definition_.base_origin.find(given.first);
    return known != definition_.base_origin.end() && known->second == given.second;
  }

  void check_grids() {
    for (const Grid& grid : grids_) {
      for (const SweptOption& parameter : grid) {
        const std::string name = label(parameter.origin, parameter.option->name);
        const auto given = definition_.base.origin.find(parameter.option->name);
        if (given != definition_.base.origin.end() && !is_baseline(*given)) {
          problem(name + ": is swept and also given by " + given->second);
        }
        if (definition_.method == Method::kGrid && parameter.interval) {
          problem(name +
                  ": a grid needs values; min and max are only valid with the methods random and "
                  "successive-halving");
        }
      }
    }
    if (is_random() && definition_.run_cap == 0) {
      problem("run_cap: expected the number of settings to draw, found none");
    }
    const bool has_eta = definition_.method == Method::kSuccessiveHalving;
    if (!has_eta && (definition_.eta != Definition{}.eta ||
                     definition_.min_epochs != Definition{}.min_epochs)) {
      problem("eta and min_epochs are only valid with the method successive-halving");
    }
  }

  void set_arguments() {
    for (const Option& option : options()) {
      const auto given = fixed_.origin.find(option.name);
      if (&option == &option_of(&Config::seed) || given == fixed_.origin.end()) continue;
      const std::string value = option.format(fixed_.config);
      // Such a file may list every option.
      if (is_of_base_file(*given) && value == option.format(Config{})) continue;
      add_flag(option, value, plan_.arguments);
    }
  }

  void set_seeds() {
    seeds_ = definition_.seeds;
    if (seeds_.empty()) seeds_ = {std::to_string(definition_.base.config.seed)};
    const auto seed = definition_.base.origin.find("seed");
    if (seed != definition_.base.origin.end() && !is_of_base_file(*seed) &&
        !definition_.seeds.empty()) {
      problem(label(seed->second, "seed") + ": seeds are also given (" + definition_.seeds_origin +
              ")");
    }
    plan_.seeds = seeds_.size();
  }

  std::size_t most_settings() const {
    const auto cap = static_cast<std::size_t>(definition_.run_cap);
    return cap > 0 ? cap : kMostRuns + 1;
  }

  std::vector<Setting> combined() {
    std::vector<Setting> all;
    for (const Grid& grid : grids_) {
      std::vector<Setting> some = {{}};
      for (const SweptOption& parameter : grid) {
        std::vector<Setting> longer;
        for (const Setting& setting : some) {
          for (const std::string& value : parameter.values) {
            longer.push_back(setting);
            longer.back().push_back({&parameter, value});
          }
          if (longer.size() > kMostRuns) break;
        }
        some = std::move(longer);
      }
      all.insert(all.end(), some.begin(), some.end());
      if (all.size() > kMostRuns) break;
    }
    return all;
  }

  std::vector<Setting> drawn() {
    // Draws from few values repeat; after this many draws no new setting is to be expected.
    const std::size_t draws = 20 * std::min(most_settings(), kMostRuns);
    const auto seed = static_cast<std::uint64_t>(definition_.sweep_seed);
    std::vector<Setting> all;
    std::set<std::string> keys;
    for (std::size_t i = 0; i < draws && keys.size() < most_settings(); ++i) {
      const auto first = static_cast<std::uint32_t>(i);
      RandomStream random(seed, Purpose::kSweep, first, 0);
      const Grid& grid = grids_[random.below(static_cast<std::uint32_t>(grids_.size()))];
      Setting setting;
      std::string key;
      for (std::size_t k = 0; k < grid.size(); ++k) {
        const auto second = static_cast<std::uint32_t>(k + 1);
        const RandomStream stream(seed, Purpose::kSweep, first, second);
        setting.push_back({&grid[k], draw(grid[k], stream)});
        key += grid[k].option->name + "=" + setting.back().value + "\n";
      }
      if (keys.insert(key).second) all.push_back(std::move(setting));
    }
    return all;
  }

  Settings settings_of(const Setting& setting) const {
    Settings settings = definition_.base;
    settings.problems.clear();
    for (const auto& [parameter, value] : setting) {
      apply_option(*parameter->option, value, parameter->origin, settings);
    }
    return settings;
  }

  // Removes duplicates and keeps at most run_cap settings.
  std::vector<Setting> distinct(const std::vector<Setting>& all) {
    std::vector<Setting> kept;
    std::set<std::string> seen;
    for (const Setting& setting : all) {
      if (kept.size() == most_settings()) break;
      if (seen.insert(to_yaml(settings_of(setting).config)).second) {
        kept.push_back(setting);
      }
    }
    if (kept.size() * seeds_.size() > kMostRuns) {
      problem("expected at most " + std::to_string(kMostRuns) +
              " runs, found more; use run_cap to keep only the first");
      throw_problems();
    }
    return kept;
  }

  // A parameter is swept if it has more than one value among the settings; with one value it is the
  // same for all runs, as if given as an option.
  void set_parameters(const std::vector<Setting>& settings) {
    std::map<const Option*, std::set<std::string>> values;
    std::vector<Choice> order;
    for (const Setting& setting : settings) {
      for (const Choice& choice : setting) {
        const Option* option = choice.parameter->option;
        if (!values.contains(option)) order.push_back(choice);
        values[option].insert(choice.value);
      }
    }
    for (const Setting& setting : settings) {
      for (const Choice& first : order) {
        const Option* option = first.parameter->option;
        const auto has_it = [&](const Choice& c) { return c.parameter->option == option; };
        if (std::ranges::none_of(setting, has_it)) {
          values[option].insert(option->format(definition_.base.config));
        }
      }
    }
    for (const auto& [parameter, value] : order) {
      const Option* option = parameter->option;
      if (values[option].size() < 2) {
        apply_option(*option, value, parameter->origin, fixed_);
        continue;
      }
      swept_.push_back(option);
      plan_.parameters.push_back(option->name);
    }
  }

  bool is_swept(const Option* option) const {
    return std::ranges::find(swept_, option) != swept_.end();
  }

  void add_runs(const Setting& setting) {
    Settings settings = settings_of(setting);
    check_together(settings);
    for (const std::string& text : settings.problems) problem(text);

    PlannedRun run;
    for (const Option* option : swept_) run.values.push_back(option->format(settings.config));
    for (const auto& [parameter, value] : setting) {
      if (is_swept(parameter->option)) add_flag(*parameter->option, value, run.flags);
    }
    for (const std::string& seed : seeds_) {
      PlannedRun& added = plan_.runs.emplace_back(run);
      const Option& option = option_of(&Config::seed);
      added.config = settings.config;
      option.parse(added.config, seed);
      added.seed = added.config.seed;
      add_flag(option, seed, added.flags);
      added.name = free_name(name_of_run(setting, seed), added);
    }
  }

  // The name of a run, beta=0.5_hidden=800-400_seed=1, uses only characters that need no quoting in
  // shells, file systems and CSV.
  std::string name_of_run(const Setting& setting, const std::string& seed) const {
    std::string name;
    for (const auto& [parameter, value] : setting) {
      if (is_swept(parameter->option)) name += parameter->option->name + "=" + value + "_";
    }
    name += "seed=" + seed;
    std::ranges::replace_if(
        name,
        [](unsigned char c) {
          return !(c < 0x80 && std::isalnum(c)) &&
                 std::string_view("._=+").find(static_cast<char>(c)) == std::string_view::npos;
        },
        '-');
    return name;
  }

  // The name, or one with a checksum of all flags if it is too long or taken.
  std::string free_name(std::string name, const PlannedRun& run) {
    constexpr std::size_t kLongest = 120;
    if (name.size() <= kLongest && names_.insert(name).second) return name;
    const std::string flags = join(run.flags, "\n");
    char sum[16];
    std::snprintf(
        sum, sizeof sum, "_%08lx",
        crc32(0, reinterpret_cast<const Bytef*>(flags.data()), static_cast<uInt>(flags.size())));
    name.resize(std::min(name.size(), kLongest));
    name += sum;
    names_.insert(name);
    return name;
  }

  void set_metric() {
    const auto holds_out = [](const PlannedRun& run) { return run.config.validation > 0; };
    const bool validates = std::ranges::all_of(plan_.runs, holds_out);
    plan_.metric = definition_.metric;
    if (plan_.metric.empty()) plan_.metric = validates ? "validation_accuracy" : "test_accuracy";
    if (plan_.metric.starts_with("validation") && !validates) {
      problem("metric: " + plan_.metric + " needs held-out samples; give validation");
    }
    for (const MetricName& metric : metric_names()) {
      if (metric.name == plan_.metric) plan_.goal = definition_.goal.value_or(metric.goal);
    }
  }

  void set_rungs() {
    if (definition_.method != Method::kSuccessiveHalving) return;
    // These options need the final number of epochs in advance, but halving extends it.
    const std::string why =
        " cannot be combined with successive-halving, which extends runs by more epochs";
    for (const PlannedRun& run : plan_.runs) {
      if (run.config.lr_schedule.kind != ScheduleKind::kNone) problem("lr-schedule" + why);
      if (run.config.patience > 0) problem("patience" + why);
    }
    if (std::ranges::find(plan_.parameters, "epochs") != plan_.parameters.end()) {
      problem("epochs: cannot be swept with successive-halving, which gives the better ones more");
      return;
    }
    const std::int64_t epochs = plan_.runs.front().config.epochs;
    if (definition_.min_epochs >= epochs) {
      problem("min_epochs: expected fewer than the " + std::to_string(epochs) + " epochs, found " +
              std::to_string(definition_.min_epochs));
      return;
    }
    plan_.eta = definition_.eta;
    plan_.rungs.clear();
    for (std::int64_t rung = definition_.min_epochs; rung < epochs; rung *= definition_.eta) {
      plan_.rungs.push_back(rung);
    }
    plan_.rungs.push_back(epochs);
  }

  const Definition& definition_;
  Settings fixed_;  // common to all runs
  std::vector<std::string> problems_;
  std::vector<Grid> grids_;
  std::vector<std::string> seeds_;
  std::vector<const Option*> swept_;
  std::set<std::string> names_;
  Plan plan_;
};

}  // namespace

Plan make_plan(const Definition& definition) { return Planner(definition).make(); }

}  // namespace snn
