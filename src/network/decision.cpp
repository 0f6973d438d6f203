#include "snn/network/decision.h"

#include <algorithm>
#include <cmath>

namespace snn {
namespace {

// Orders infinite sums too; NaN ranks below them.
float order_of(float sum) { return std::isnan(sum) ? -HUGE_VALF : sum; }

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
    const float rank = order_of(sums[c]);
    if (rank > most || c == 0) {
      most = rank;
      highest = {c, 1};
    } else if (rank == most) {
      ++highest.count;
    }
  }
  return highest;
}

// Above 0 if the decision prefers class a to class b, 0 if it knows no difference.
int compare(Decision decision, const ClassOutputs& outputs, std::size_t a, std::size_t b) {
  const auto sign = [&](std::span<const float> values) {
    const float first = order_of(values[a]), second = order_of(values[b]);
    return first > second ? 1 : first < second ? -1 : 0;
  };
  switch (decision) {
    case Decision::kCountMembrane: {
      const int by_count = sign(outputs.counts);
      return by_count != 0 ? by_count : sign(outputs.membranes);
    }
    case Decision::kCount:
      return sign(outputs.counts);
    case Decision::kMembrane:
      return sign(outputs.membranes);
    case Decision::kTemporal:
      return -sign(outputs.first_spikes);
  }
  return 0;
}

}  // namespace

std::int64_t decide(Decision decision, const ClassOutputs& outputs) {
  if (decision == Decision::kTemporal) {
    return std::ranges::min_element(outputs.first_spikes) - outputs.first_spikes.begin();
  }
  const Highest highest =
      highest_of(decision == Decision::kMembrane ? outputs.membranes : outputs.counts);
  std::size_t best = highest.first;
  if (decision == Decision::kCountMembrane && highest.count > 1) {
    for (std::size_t c = best + 1; c < outputs.counts.size(); ++c) {
      if (compare(decision, outputs, c, best) > 0) best = c;
    }
  }
  return static_cast<std::int64_t>(best);
}

std::int64_t rank_of(Decision decision, const ClassOutputs& outputs, std::int64_t label) {
  const std::size_t classes =
      std::max({outputs.counts.size(), outputs.membranes.size(), outputs.first_spikes.size()});
  const auto own = static_cast<std::size_t>(label);
  std::int64_t rank = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    const int preferred = c == own ? -1 : compare(decision, outputs, c, own);
    rank += preferred > 0 || (preferred == 0 && c < own) ? 1 : 0;
  }
  return rank;
}

bool depends_on_membrane(Decision decision, std::span<const float> counts) {
  if (decision == Decision::kCountMembrane) return tied_classes(counts) > 1;
  return decision == Decision::kMembrane;
}

std::int64_t tied_classes(std::span<const float> counts) { return highest_of(counts).count; }

}  // namespace snn
