#include "network/synapses/dropout_draws.h"

#include <algorithm>

#include "numeric/philox_lanes.h"

namespace snn {

// The draws are the numbers of RandomStream(seed, Purpose::kDropout, epoch, sample, place) from
// step * width + first on, 16 of them at once: they take most of dropout's time.
void draw_kept(const DropoutSpec& spec, const Seeds& seeds, const Pass& pass, std::int64_t place,
               std::int64_t step, std::int64_t width, std::int64_t first,
               std::span<std::uint8_t> kept) {
  constexpr std::uint32_t kMostOperations = 256;  // per layer
  constexpr std::uint64_t kNumbers = 4;           // of a block
  const std::uint32_t place_in_network = kMostOperations * seeds.layer + seeds.operation;
  const std::uint32_t purpose = static_cast<std::uint32_t>(Purpose::kDropout) | place_in_network
                                                                                    << 8;
  // p of all 2^32 numbers are below it.
  const auto least = static_cast<std::uint32_t>(spec.p * 0x1p32);
  const auto begin = static_cast<std::uint64_t>(step * width + first);
  const std::uint64_t end = begin + kept.size();
  for (std::uint64_t at = begin / kNumbers * kNumbers; at < end; at += kNumbers * kPhiloxLanes) {
    PhiloxLanes blocks = {0, 1, 2, 3};
    blocks += static_cast<std::uint32_t>(at / kNumbers);
    const PhiloxLanes zero = {};
    const auto numbers =
        philox({blocks, zero + purpose, zero + static_cast<std::uint32_t>(pass.epoch),
                zero + pass.sample(place)},
               pass.seed);
    for (std::uint64_t i = 0; i < kNumbers * kPhiloxLanes; ++i) {
      if (at + i < begin || at + i >= end) continue;
      kept[at + i - begin] = numbers[i % kNumbers][i / kNumbers] >= least ? 1 : 0;
    }
  }
}

}  // namespace snn
