#include <algorithm>

#include "snn/network/loss.h"
#include "snn/text/error.h"
#include "text/parameters.h"
#include "text/weighted_sum.h"

namespace snn {
namespace {

bool is_cross_entropy(LossKind kind) { return name_of(kind).starts_with("ce-"); }

// The parameters of a term, by name, bound to its values.
std::vector<Parameter> parameters_of(LossTerm& term) {
  auto& [first, second, third] = term.parameters;
  const Range number = Range{}.in_float(), share = Range::between(0, 1);
  std::vector<Parameter> parameters;
  switch (term.kind) {
    case LossKind::kMseCount:
    case LossKind::kMseRate:
      return {{"correct", &first, share}, {"incorrect", &second, share}};
    case LossKind::kMseMembrane:
      return {{"on", &first, number}, {"off", &second, number}};
    case LossKind::kMseTemporal:
      return {{"on", &first, number},
              {"off", &second, number},
              {"tolerance", &third, Range::at_least(0).in_float()}};
    case LossKind::kCeTemporal:
      parameters.push_back({"inverse", &first, {}, {"negate", "reciprocal"}});
      break;
    case LossKind::kCeMembrane:
    case LossKind::kCeRate:
    case LossKind::kCeCount:
    case LossKind::kCeMaxMembrane:
    case LossKind::kCeSumMembrane:
    case LossKind::kCeMeanSoftmax:
      break;
  }
  Range smoothing = Range::between(0, 1);
  smoothing.without_high = true;
  parameters.push_back({"smoothing", &term.smoothing, smoothing});
  return parameters;
}

LossTerm default_of(LossKind kind) {
  switch (kind) {
    case LossKind::kMseCount:
      return Loss::mse_count().terms[0];
    case LossKind::kMseRate:
      return Loss::mse_rate().terms[0];
    case LossKind::kMseMembrane:
      return Loss::mse_membrane().terms[0];
    case LossKind::kMseTemporal:
      return Loss::mse_temporal().terms[0];
    default:
      return {kind};
  }
}

LossTerm parse_term(std::string_view text) {
  const auto [name, parameters] = split_name(text);
  LossTerm term = default_of(named<LossKind>("loss", "loss", name));
  read_parameters("loss '" + std::string(name_of(term.kind)) + "'", parameters,
                  parameters_of(term));
  return term;
}

std::string term_text(const LossTerm& term) {
  LossTerm copy = term;
  std::vector<Parameter> parameters = parameters_of(copy);
  if (is_cross_entropy(term.kind) && term.smoothing == 0) parameters.pop_back();
  return write_parameters(name_of(term.kind), parameters);
}

}  // namespace

Loss operator+(Loss left, const Loss& right) {
  left.terms.insert(left.terms.end(), right.terms.begin(), right.terms.end());
  return left;
}

Loss operator*(double weight, Loss loss) {
  for (LossTerm& term : loss.terms) term.weight *= weight;
  return loss;
}

Loss parse_loss(std::string_view text) { return {parse_sum("loss", text, parse_term)}; }

std::string to_string(const Loss& loss) { return sum_text(loss.terms, term_text); }

std::int64_t class_count(const Classes& classes, std::int64_t outputs) {
  const std::int64_t population = classes.population;
  if (population < 1 || outputs % population != 0) {
    throw Error(ExitCode::kUsage, "population: expected a divisor of the network's " +
                                      std::to_string(outputs) + " outputs, found " +
                                      std::to_string(population));
  }
  const std::int64_t count = outputs / population;
  const auto weights = static_cast<std::int64_t>(classes.weights.size());
  if (weights != 0 && weights != count) {
    throw Error(ExitCode::kUsage, "class-weights: expected " + std::to_string(count) +
                                      " values, one for each class, found " +
                                      std::to_string(weights));
  }
  if (weights != 0 && std::ranges::all_of(classes.weights, [](double each) { return each == 0; })) {
    throw Error(ExitCode::kUsage, "class-weights: expected at least one weight above 0");
  }
  return count;
}

}  // namespace snn
