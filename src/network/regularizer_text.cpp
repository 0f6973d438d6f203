#include <algorithm>

#include "snn/network/regularizer.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/message.h"
#include "text/parameters.h"
#include "text/weighted_sum.h"

namespace snn {
namespace {

// The parameters of a term, by name, bound to its values.
std::vector<Parameter> parameters_of(RegularizerTerm& term) {
  if (term.kind != RegularizerKind::kRateBand) return {};
  auto& [low, high] = term.parameters;
  return {{"low", &low, Range::between(0, 1)}, {"high", &high, Range::between(0, 1)}};
}

RegularizerTerm parse_term(std::string_view text) {
  const auto [name, parameters] = split_name(text);
  RegularizerTerm term{named<RegularizerKind>("regularizer", "regularize", name)};
  if (term.kind == RegularizerKind::kRateBand) term.parameters = {0.0, 1.0};
  const std::string what = "regularizer '" + std::string(name_of(term.kind)) + "'";
  read_parameters(what, parameters, parameters_of(term));
  if (term.parameters[0] > term.parameters[1]) {
    throw Error(ExitCode::kUsage, what + ": low: expected at most high, " +
                                      format_real(term.parameters[1]) + ", found " +
                                      format_real(term.parameters[0]));
  }
  return term;
}

std::string term_text(const RegularizerTerm& term) {
  RegularizerTerm copy = term;
  return write_parameters(name_of(term.kind), parameters_of(copy));
}

}  // namespace

Regularizer parse_regularizer(std::string_view text) {
  if (lower_case(trimmed(text)) == "none") return {};
  return {parse_sum("regularizer", text, parse_term)};
}

std::string to_string(const Regularizer& regularizer) {
  return regularizer.terms.empty() ? "none" : sum_text(regularizer.terms, term_text);
}

bool needs_whole_batch(const Regularizer& regularizer) {
  return std::ranges::any_of(regularizer.terms, [](const RegularizerTerm& term) {
    return term.kind == RegularizerKind::kRateBand;
  });
}

}  // namespace snn
