#include <algorithm>
#include <map>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/option.h"
#include "sweep/plan.h"
#include "text/json.h"
#include "text/message.h"

namespace snn {
namespace {

// The flags among `words` that change results.
std::vector<std::string> result_flags(const std::vector<std::string>& words) {
  std::vector<std::string> kept;
  bool keeps = false;
  for (const std::string& word : words) {
    if (word.starts_with("--")) {
      const Option* option = find_option(word.substr(2, word.find('=') - 2));
      keeps = option == nullptr || option->scope == Scope::kResult;
    }
    if (keeps) kept.push_back(word);
  }
  return kept;
}

// Removes --decision: a sweep that began before it existed has stated it since then, which is no
// conflict.
std::vector<std::string> without_decision(std::vector<std::string> flags) {
  const auto at = std::ranges::find(flags, "--decision");
  if (at != flags.end() && flags.end() - at > 1) flags.erase(at, at + 2);
  return flags;
}

Json halving_to_json(const Plan& plan) { return {{"eta", plan.eta}, {"rungs", plan.rungs}}; }

}  // namespace

std::string plan_to_json(const Plan& plan) {
  Json json;
  json["format_version"] = 1;
  json["name"] = plan.name;
  json["method"] = name_of(plan.method);
  json["metric"] = {{"name", plan.metric}, {"goal", name_of(plan.goal)}};
  json["default_decision"] = name_of(plan.default_decision);
  json["parameters"] = plan.parameters;
  json["arguments"] = plan.arguments;
  if (plan.rungs.size() > 1) json["halving"] = halving_to_json(plan);
  json["runs"] = Json::array();
  for (const PlannedRun& run : plan.runs) {
    Json values = Json::object();
    for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
      values[plan.parameters[i]] = run.values[i];
    }
    json["runs"].push_back({{"name", run.name}, {"values", values}, {"seed", run.seed}});
  }
  return json.dump(2) + "\n";
}

Decision default_decision(std::string_view text) {
  const auto json = json_if_valid(text);
  const bool is_older = json && json->is_object() &&
                        (!json->contains("default_decision") ||
                         (*json)["default_decision"] == name_of(Decision::kCount));
  return is_older ? Decision::kCount : Config().decision;
}

std::vector<std::string> conflicts(const Plan& plan, std::string_view text,
                                   const std::string& file) {
  std::vector<std::string> all;
  const Json now = parse_json(plan_to_json(plan));
  try {
    const Json before = json_if_valid(text).value_or(Json());  // null has no members
    if (before.at("format_version") != now.at("format_version")) {
      throw Error(ExitCode::kUsage, file + ": was written by a newer version");
    }
    const auto differ = [&](const char* key, const std::string& was, const std::string& is) {
      if (was != is) all.push_back(std::string(key) + " was " + quote(was) + ", is " + quote(is));
    };
    differ("method", before.at("method"), now.at("method"));
    std::vector<std::string> was = result_flags(before.at("arguments"));
    std::vector<std::string> is = result_flags(plan.arguments);
    if (plan.default_decision == Decision::kCount) {
      was = without_decision(std::move(was));
      is = without_decision(std::move(is));
    }
    differ("flags", join(was, " "), join(is, " "));
    std::map<std::string, Json> runs;
    for (const Json& run : now.at("runs")) runs[run.at("name")] = run;
    const bool is_halving = before.contains("halving") || now.contains("halving");
    if (is_halving) {
      differ("halving", before.value("halving", Json()).dump(),
             now.value("halving", Json()).dump());
      differ("metric", before.at("metric").dump(), now.at("metric").dump());
      differ("number of runs", std::to_string(before.at("runs").size()),
             std::to_string(runs.size()));
    }
    std::vector<std::string> gone;
    for (const Json& run : before.at("runs")) {
      const auto known = runs.find(run.at("name"));
      if (known == runs.end() || known->second != run) gone.push_back(run.at("name"));
    }
    if (!gone.empty()) {
      all.push_back(std::to_string(gone.size()) + " of its " +
                    std::to_string(before.at("runs").size()) +
                    " runs are no longer planned, the first: " + gone[0]);
    }
  } catch (const Json::exception&) {
    throw Error(ExitCode::kUsage, file + ": damaged; move it away to resume its runs");
  }
  return all;
}

}  // namespace snn
