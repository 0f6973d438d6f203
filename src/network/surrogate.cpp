#include "snn/network/surrogate.h"

#include "snn/text/error.h"
#include "text/parameters.h"

namespace snn {
namespace {

// The parameters of a surrogate, by name, bound to its values.
std::vector<Parameter> parameters_of(Surrogate& surrogate) {
  const Range positive = Range::above(0).in_float();
  auto& [first, second] = surrogate.parameters;
  switch (surrogate.kind) {
    case SurrogateKind::kAtan:
      return {{"alpha", &first, positive}};
    case SurrogateKind::kFastSigmoid:
    case SurrogateKind::kSigmoid:
      return {{"slope", &first, positive}};
    case SurrogateKind::kTriangular:
      return {{"height", &first, positive}};
    case SurrogateKind::kSpikeRateEscape:
      return {{"beta", &first, positive}, {"slope", &second, positive}};
    case SurrogateKind::kSfs:
      return {{"slope", &first, positive}, {"b", &second, positive}};
    case SurrogateKind::kStraightThrough:
    case SurrogateKind::kSpikeOperator:
      return {};
  }
  return {};
}

Surrogate default_of(SurrogateKind kind) {
  switch (kind) {
    case SurrogateKind::kAtan:
      return Surrogate::atan();
    case SurrogateKind::kFastSigmoid:
      return Surrogate::fast_sigmoid();
    case SurrogateKind::kSigmoid:
      return Surrogate::sigmoid();
    case SurrogateKind::kTriangular:
      return Surrogate::triangular();
    case SurrogateKind::kStraightThrough:
      return Surrogate::straight_through();
    case SurrogateKind::kSpikeRateEscape:
      return Surrogate::spike_rate_escape();
    case SurrogateKind::kSfs:
      return Surrogate::sfs();
    case SurrogateKind::kSpikeOperator:
      return Surrogate::spike_operator();
  }
  return {};
}

}  // namespace

Surrogate Surrogate::atan(double alpha) { return {SurrogateKind::kAtan, {alpha, 0}}; }
Surrogate Surrogate::fast_sigmoid(double slope) {
  return {SurrogateKind::kFastSigmoid, {slope, 0}};
}
Surrogate Surrogate::sigmoid(double slope) { return {SurrogateKind::kSigmoid, {slope, 0}}; }
Surrogate Surrogate::triangular(double height) { return {SurrogateKind::kTriangular, {height, 0}}; }
Surrogate Surrogate::straight_through() { return {SurrogateKind::kStraightThrough, {0, 0}}; }
Surrogate Surrogate::spike_rate_escape(double beta, double slope) {
  return {SurrogateKind::kSpikeRateEscape, {beta, slope}};
}
Surrogate Surrogate::sfs(double slope, double b) { return {SurrogateKind::kSfs, {slope, b}}; }
Surrogate Surrogate::spike_operator() { return {SurrogateKind::kSpikeOperator, {0, 0}}; }

Surrogate parse_surrogate(std::string_view text) {
  const auto [name, parameters] = split_name(text);
  Surrogate surrogate = default_of(named<SurrogateKind>("surrogate", "surrogate", name));
  read_parameters("surrogate '" + std::string(name_of(surrogate.kind)) + "'", parameters,
                  parameters_of(surrogate));
  return surrogate;
}

std::string to_string(const Surrogate& surrogate) {
  Surrogate copy = surrogate;
  return write_parameters(name_of(surrogate.kind), parameters_of(copy));
}

}  // namespace snn
