#include "snn/network/state_quant.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/parameters.h"

namespace snn {
namespace {

constexpr double kMostBits = 16;

std::vector<Parameter> parameters_of(StateQuant& quant) {
  if (quant.kind == StateQuantKind::kNone) return {};
  return {{"bits", &quant.bits, Range::between(1, kMostBits)},
          {"threshold", &quant.threshold, Range::above(0).in_float()},
          {"lower", &quant.lower, Range::at_least(0).in_float()},
          {"upper", &quant.upper, Range::at_least(0).in_float()}};
}

// By how much a step towards the centre is smaller than the one before, for 1 to 8 and more bits.
double narrowing(double bits) {
  constexpr std::array<double, 8> table = {.05, .1, .3, .5, .7, .9, .925, .95};
  return table[std::min(static_cast<std::size_t>(bits), table.size()) - 1];
}

// 1, m, m^2, ... as shares of their sum.
std::vector<double> shares(std::size_t count, double m) {
  std::vector<double> all(count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += all[i] = std::pow(m, static_cast<double>(i));
  for (double& each : all) each /= sum;
  return all;
}

}  // namespace

StateQuant parse_state_quant(std::string_view text) {
  const auto [name, parameters] = split_name(text);
  StateQuant quant;
  quant.kind = named<StateQuantKind>("state quantisation", "state-quant", name);
  const std::string what = "state quantisation '" + std::string(name_of(quant.kind)) + "'";
  read_parameters(what, parameters, parameters_of(quant));
  if (quant.bits != std::floor(quant.bits)) {
    throw Error(ExitCode::kUsage,
                what + ": bits: expected an integer, found " + format_real(quant.bits));
  }
  return quant;
}

std::string to_string(const StateQuant& quant) {
  StateQuant copy = quant;
  return write_parameters(name_of(quant.kind), parameters_of(copy));
}

std::vector<double> levels(const StateQuant& quant) {
  if (quant.kind == StateQuantKind::kNone) return {};
  const double low = -quant.threshold * (1 + quant.lower);
  const double high = quant.threshold * (1 + quant.upper);
  const auto count = static_cast<std::size_t>(std::exp2(quant.bits));
  std::vector<double> all;
  if (quant.kind == StateQuantKind::kUniform) {
    const double step = (high - low) / static_cast<double>(count - 1);
    for (std::size_t i = 0; i < count; ++i) all.push_back(low + static_cast<double>(i) * step);
    return all;
  }
  const double centre = quant.kind == StateQuantKind::kThresholdCentered ? quant.threshold : 0;
  const double m = narrowing(quant.bits);
  const auto below = static_cast<std::size_t>(
      std::floor(static_cast<double>(count) * (centre - low) / (high - low)));
  double level = low;
  for (const double share : shares(below, m)) {
    all.push_back(level);
    level += share * (centre - low);
  }
  level = centre;
  const std::vector<double> above = shares(count - below, m);
  for (auto share = above.rbegin(); share != above.rend(); ++share) {
    level += *share * (high - centre);
    all.push_back(level);
  }
  return all;
}

}  // namespace snn
