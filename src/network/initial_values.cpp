#include "network/initial_values.h"

#include <cmath>

#include "snn/numeric/random.h"

namespace snn {

std::vector<float> initial_values(std::uint64_t seed, std::size_t layer, InitialTensor tensor,
                                  std::int64_t inputs, std::size_t count) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  RandomStream random(seed, Purpose::kWeights, static_cast<std::uint32_t>(layer),
                      static_cast<std::uint32_t>(tensor));
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>((2.0 * static_cast<double>(random.uniform()) - 1.0) * bound);
  }
  return values;
}

}  // namespace snn
