#pragma once

#include <cstdint>
#include <vector>

namespace snn {

/// What the neurons of a layer did for one sample, (T,N) each.
struct LayerActivity {
  std::int64_t neurons = 0;
  std::vector<float> current;   ///< what they were given
  std::vector<float> membrane;  ///< after each step
  std::vector<float> spikes;    ///< what they passed on
};

}  // namespace snn
