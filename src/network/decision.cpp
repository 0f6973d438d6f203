#include "snn/network/decision.h"

#include <cmath>

namespace snn {
namespace {

// Orders infinite sums too; NaN ranks below them.
float rank_of(float sum) { return std::isnan(sum) ? -HUGE_VALF : sum; }

// The index of the first of the highest sums, and their number. Found in one pass, since it is
// computed for every sample.
struct Highest {
  std::size_t first = 0;
  std::int64_t count = 0;
};

Highest highest_of(std::span<const float> sums) {
  Highest highest;
  float most = -HUGE_VALF;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const float rank = rank_of(sums[c]);
    if (rank > most || c == 0) {
      most = rank;
      highest = {c, 1};
    } else if (rank == most) {
      ++highest.count;
    }
  }
  return highest;
}

}  // namespace

std::int64_t decide(Decision decision, std::span<const float> counts,
                    std::span<const float> membranes) {
  const Highest highest = highest_of(decision == Decision::kMembrane ? membranes : counts);
  std::size_t best = highest.first;
  if (decision != Decision::kCountMembrane || highest.count == 1) {
    return static_cast<std::int64_t>(best);
  }
  const float most = rank_of(counts[best]);
  for (std::size_t c = best + 1; c < counts.size(); ++c) {
    if (rank_of(counts[c]) == most && rank_of(membranes[c]) > rank_of(membranes[best])) best = c;
  }
  return static_cast<std::int64_t>(best);
}

bool depends_on_membrane(Decision decision, std::span<const float> counts) {
  if (decision == Decision::kCountMembrane) return tied_classes(counts) > 1;
  return decision == Decision::kMembrane;
}

std::int64_t tied_classes(std::span<const float> counts) { return highest_of(counts).count; }

}  // namespace snn
