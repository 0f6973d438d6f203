#pragma once

#include <cstdint>
#include <span>

#include "snn/text/names.h"

namespace snn {

/// The rule that turns the outputs of a sample into its class. For relu neurons, whose output
/// equals the membrane (the logits), counts and membranes are the same sums, and all three rules
/// agree.
enum class Decision {
  kCountMembrane,  ///< most spikes; ties: the largest membrane summed over time
  kCount,          ///< most spikes; ties: the lowest class (snnTorch accuracy_rate)
  kMembrane,       ///< the largest membrane summed over time
};
template <>
struct Names<Decision> {
  static constexpr std::pair<Decision, std::string_view> table[] = {
      {Decision::kCountMembrane, "count+membrane"},
      {Decision::kCount, "count"},
      {Decision::kMembrane, "membrane"}};
};

/// The class of a sample from the sums over time of its output spikes and membranes, one per class;
/// the lowest class if all are equal. NaN ranks below any other sum. `membranes` may be empty where
/// depends_on_membrane() is false.
std::int64_t decide(Decision decision, std::span<const float> counts,
                    std::span<const float> membranes);

/// True if decide() reads the membranes of a sample with these counts.
bool depends_on_membrane(Decision decision, std::span<const float> counts);

/// The number of classes that share the highest count; 2 or more tie.
std::int64_t tied_classes(std::span<const float> counts);

}  // namespace snn
