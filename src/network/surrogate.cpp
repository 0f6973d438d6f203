#include "snn/network/surrogate.h"

#include "snn/text/error.h"
#include "text/parameters.h"

namespace snn {
namespace {

// The parameters of a surrogate, by name, bound to its values.
std::vector<Parameter> parameters_of(Surrogate& surrogate) {
  const Range positive = Range::above(0).in_float();
  const Range number = Range{}.in_float();
  auto& [first, second, third] = surrogate.parameters;
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
    case SurrogateKind::kSso:
      return {{"mean", &first, number}, {"variance", &second, number}};
    case SurrogateKind::kLso:
      return {{"slope", &first, number}};
    case SurrogateKind::kBoxcar:
      return {{"width", &first, positive}};
    case SurrogateKind::kGaussian:
      return {{"sigma", &first, positive}};
    case SurrogateKind::kMultiGaussian:
      return {{"height", &first, Range::at_least(0).in_float()},
              {"sigma", &second, positive},
              {"scale", &third, positive}};
    case SurrogateKind::kErf:
      return {{"alpha", &first, positive}};
    case SurrogateKind::kLeakyRelu:
      return {{"slope", &first, positive}, {"leak", &second, number}};
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
    case SurrogateKind::kSso:
      return Surrogate::sso();
    case SurrogateKind::kLso:
      return Surrogate::lso();
    case SurrogateKind::kBoxcar:
      return Surrogate::boxcar();
    case SurrogateKind::kGaussian:
      return Surrogate::gaussian();
    case SurrogateKind::kMultiGaussian:
      return Surrogate::multi_gaussian();
    case SurrogateKind::kErf:
      return Surrogate::erf();
    case SurrogateKind::kLeakyRelu:
      return Surrogate::leaky_relu();
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
Surrogate Surrogate::sso(double mean, double variance) {
  return {SurrogateKind::kSso, {mean, variance}};
}
Surrogate Surrogate::lso(double slope) { return {SurrogateKind::kLso, {slope}}; }
Surrogate Surrogate::boxcar(double width) { return {SurrogateKind::kBoxcar, {width}}; }
Surrogate Surrogate::gaussian(double sigma) { return {SurrogateKind::kGaussian, {sigma}}; }
Surrogate Surrogate::multi_gaussian(double height, double sigma, double scale) {
  return {SurrogateKind::kMultiGaussian, {height, sigma, scale}};
}
Surrogate Surrogate::erf(double alpha) { return {SurrogateKind::kErf, {alpha}}; }
Surrogate Surrogate::leaky_relu(double slope, double leak) {
  return {SurrogateKind::kLeakyRelu, {slope, leak}};
}

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
