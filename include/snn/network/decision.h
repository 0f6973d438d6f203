#pragma once

#include <cstdint>
#include <span>

#include "snn/text/names.h"

namespace snn {

/// How the outputs of a sample become its class. Of a layer of relu neurons, whose output is its
/// membrane, the logits, counts and membranes are the same sums: so are the three decisions.
enum class Decision {
  kCountMembrane,  ///< most spikes; of those that tie, the largest membrane summed over time
  kCount,          ///< most spikes, the lowest class of those that tie (snnTorch accuracy_rate)
  kMembrane,       ///< the largest membrane summed over time
};
template <>
struct Names<Decision> {
  static constexpr std::pair<Decision, std::string_view> table[] = {
      {Decision::kCountMembrane, "count+membrane"},
      {Decision::kCount, "count"},
      {Decision::kMembrane, "membrane"}};
};

/// The class of a sample from the sums over time of its outputs and of their membranes, one for
/// each class; the lowest where all is equal. A sum that is not a number is less than any other.
/// `membranes` may be empty where depends_on_membrane() says no.
std::int64_t decide(Decision decision, std::span<const float> counts,
                    std::span<const float> membranes);

/// Whether decide() looks at the membranes of a sample with these counts.
bool depends_on_membrane(Decision decision, std::span<const float> counts);

/// How many classes have the highest count; 2 or more tie.
std::int64_t tied_classes(std::span<const float> counts);

}  // namespace snn
