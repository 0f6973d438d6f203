#include "network/synapses/dropout_draws.h"

#include "snn/numeric/random.h"

namespace snn {

void draw_kept(const DropoutSpec& spec, const Seeds& seeds, const Pass& pass, std::int64_t place,
               std::int64_t step, std::int64_t width, std::int64_t first,
               std::span<std::uint8_t> kept) {
  constexpr std::uint32_t kMostOperations = 256;  // per layer
  RandomStream random(pass.seed, Purpose::kDropout, static_cast<std::uint32_t>(pass.epoch),
                      pass.sample(place), kMostOperations * seeds.layer + seeds.operation);
  random.seek(static_cast<std::uint64_t>(step * width + first));
  // p of all 2^32 draws are below it.
  const auto least = static_cast<std::uint32_t>(spec.p * 0x1p32);
  for (std::uint8_t& each : kept) each = random.bits() >= least ? 1 : 0;
}

}  // namespace snn
