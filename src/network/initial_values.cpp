#include "network/initial_values.h"

#include <cmath>

#include "snn/numeric/random.h"

namespace snn {

std::vector<float> initial_values(const Seeds& seeds, InitialTensor tensor, std::int64_t inputs,
                                  std::size_t count) {
  constexpr std::uint32_t kMostTensors = 256;  // per operation
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  RandomStream random(seeds.seed, Purpose::kWeights, seeds.layer,
                      kMostTensors * seeds.operation + static_cast<std::uint32_t>(tensor));
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>((2.0 * static_cast<double>(random.uniform()) - 1.0) * bound);
  }
  return values;
}

}  // namespace snn
