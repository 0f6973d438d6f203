#include <limits>

#include "snn/data/encoding.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/parameters.h"

namespace snn {
namespace {

constexpr double kMostSteps = std::numeric_limits<std::int32_t>::max();

// The parameters of each code, by name, bound to its values.
std::vector<Parameter> parameters_of(CurrentCode&) { return {}; }

std::vector<Parameter> parameters_of(RateCode& code) {
  const Range range = Range::at_least(0).in_float();
  return {{"gain", &code.gain, range},
          {"offset", &code.offset, range},
          {"first", &code.first, Range::between(0, kMostSteps)}};
}

std::vector<Parameter> parameters_of(LatencyCode& code) {
  return {{"tau", &code.tau, Range::above(0).in_float()},
          {"threshold", &code.threshold, Range::inside(0, 1).in_float()},
          {"first", &code.first, Range::between(0, kMostSteps)},
          {"linear", &code.linear},
          {"normalize", &code.normalize},
          {"clip", &code.clip},
          {"bypass", &code.bypass}};
}

std::vector<Parameter> parameters_of(DeltaCode& code) {
  return {{"threshold", &code.threshold, Range::above(0).in_float()},
          {"padding", &code.padding},
          {"off-spikes", &code.off_spikes}};
}

// A float has 24 bits.
std::vector<Parameter> parameters_of(PhaseCode& code) {
  return {{"period", &code.period, Range::between(1, 24)}};
}

std::vector<Parameter> parameters_of(Encoding& encoding) {
  return std::visit([](auto& code) { return parameters_of(code); }, encoding);
}

std::string called(const Encoding& encoding) {
  return "encoding '" + std::string(name_of(kind_of(encoding))) + "'";
}

Encoding default_of(EncodingKind kind) {
  switch (kind) {
    case EncodingKind::kCurrent:
      return CurrentCode{};
    case EncodingKind::kRate:
      return RateCode{};
    case EncodingKind::kLatency:
      return LatencyCode{};
    case EncodingKind::kDelta:
      return DeltaCode{};
    case EncodingKind::kPhase:
      return PhaseCode{};
  }
  return {};
}

std::int64_t first_step(const Encoding& encoding) {
  if (const auto* rate = std::get_if<RateCode>(&encoding)) return rate->first;
  if (const auto* latency = std::get_if<LatencyCode>(&encoding)) return latency->first;
  return 0;
}

}  // namespace

Encoding parse_encoding(std::string_view text) {
  const auto [name, parameters] = split_name(text);
  Encoding encoding = default_of(named<EncodingKind>("kind of encoding", "encoding", name));
  read_parameters(called(encoding), parameters, parameters_of(encoding));
  return encoding;
}

std::string to_string(const Encoding& encoding) {
  Encoding copy = encoding;
  return write_parameters(name_of(kind_of(encoding)), parameters_of(copy));
}

std::string problem_of(const Encoding& encoding, std::int64_t steps) {
  if (steps < 1) return "steps: expected at least 1, found " + std::to_string(steps);
  Encoding copy = encoding;
  for (const Parameter& parameter : parameters_of(copy)) {
    const double* real = nullptr;
    double value = 0;
    if (double* const* found = std::get_if<double*>(&parameter.value)) real = *found;
    if (std::int64_t* const* found = std::get_if<std::int64_t*>(&parameter.value)) {
      value = static_cast<double>(**found);
      real = &value;
    }
    if (real == nullptr || parameter.range.contains(*real)) continue;
    return called(encoding) + ": " + std::string(parameter.name) + ": expected " +
           parameter.range.expected_for(*real) + ", found " + format_real(*real);
  }
  const std::int64_t first = first_step(encoding);
  if (first < steps) return "";
  return called(encoding) + ": first: expected at most " + std::to_string(steps - 1) +
         ", the last of " + std::to_string(steps) + " steps, found " + std::to_string(first);
}

}  // namespace snn
