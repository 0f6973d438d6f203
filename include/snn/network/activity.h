#pragma once

#include <cstdint>
#include <vector>

namespace snn {

/// The activity of a layer's neurons for one sample, (T,N) each.
struct LayerActivity {
  std::int64_t neurons = 0;
  std::vector<float> current;   ///< input current
  std::vector<float> membrane;  ///< membrane potential after each step
  std::vector<float> spikes;    ///< output
};

}  // namespace snn
