#pragma once

#include <cstdint>
#include <span>

#include "snn/text/names.h"

namespace snn {

/// The rule that turns the outputs of a sample into its class. For relu neurons, whose output
/// equals the membrane (the logits), counts and membranes are the same sums, and the first three
/// rules agree; they have no first spike.
enum class Decision {
  kCountMembrane,  ///< most spikes; ties: the largest membrane summed over time
  kCount,          ///< most spikes; ties: the lowest class (snnTorch accuracy_rate)
  kMembrane,       ///< the largest membrane summed over time
  kTemporal,       ///< the earliest first spike, which a class without one has at the last step;
                   ///< ties: the lowest class (snnTorch accuracy_temporal)
};
template <>
struct Names<Decision> {
  static constexpr std::pair<Decision, std::string_view> table[] = {
      {Decision::kCountMembrane, "count+membrane"},
      {Decision::kCount, "count"},
      {Decision::kMembrane, "membrane"},
      {Decision::kTemporal, "temporal"}};
};

/// The outputs of a sample that decisions are made by, one value per class; with a population code,
/// of all outputs of the class.
struct ClassOutputs {
  std::span<const float> counts;     ///< sums over time of the output spikes
  std::span<const float> membranes;  ///< sums over time of the output membrane
  /// The step, from 0, of the first spike; T-1 without one.
  std::span<const float> first_spikes = {};
};

/// The class of a sample; the lowest class if all are equal. NaN ranks below any other sum. What
/// the decision does not depend on may be empty.
std::int64_t decide(Decision decision, const ClassOutputs& outputs);

/// The number of classes that `decision` prefers to class `label`, 0 if it decides for that class:
/// the sample is right among the top k if it is less than k.
std::int64_t rank_of(Decision decision, const ClassOutputs& outputs, std::int64_t label);

/// True if decide() reads the membranes of a sample with these counts.
bool depends_on_membrane(Decision decision, std::span<const float> counts);

/// The number of classes that share the highest count; 2 or more tie.
std::int64_t tied_classes(std::span<const float> counts);

}  // namespace snn
