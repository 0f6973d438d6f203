#include "snn/network/loss.h"
#include "snn/text/error.h"
#include "text/parameters.h"

namespace snn {
namespace {

// The parameters of a loss, by name, bound to its values.
std::vector<Parameter> parameters_of(Loss& loss) {
  auto& [first, second] = loss.parameters;
  switch (loss.kind) {
    case LossKind::kMseCount:
      return {{"correct", &first, Range::between(0, 1)},
              {"incorrect", &second, Range::between(0, 1)}};
    case LossKind::kMseMembrane:
      return {{"on", &first, Range{}.in_float()}, {"off", &second, Range{}.in_float()}};
    case LossKind::kCeMembrane:
    case LossKind::kCeRate:
    case LossKind::kCeCount:
    case LossKind::kCeMaxMembrane:
      return {};
  }
  return {};
}

Loss default_of(LossKind kind) {
  if (kind == LossKind::kMseCount) return Loss::mse_count();
  if (kind == LossKind::kMseMembrane) return Loss::mse_membrane();
  return {kind, {}};
}

}  // namespace

Loss parse_loss(std::string_view text) {
  const auto [name, parameters] = split_name(text);
  Loss loss = default_of(named<LossKind>("loss", "loss", name));
  read_parameters("loss '" + std::string(name_of(loss.kind)) + "'", parameters,
                  parameters_of(loss));
  return loss;
}

std::string to_string(const Loss& loss) {
  Loss copy = loss;
  return write_parameters(name_of(loss.kind), parameters_of(copy));
}

}  // namespace snn
