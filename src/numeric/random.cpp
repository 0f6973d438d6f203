#include "snn/numeric/random.h"

#include <numeric>
#include <utility>

namespace snn {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kPhiloxMultipliers[0]} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kPhiloxMultipliers[1]} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += kPhiloxWeyl[0];
    key[1] += kPhiloxWeyl[1];
  }
  return counter;
}

RandomStream::RandomStream(std::uint64_t seed, Purpose purpose, std::uint32_t first,
                           std::uint32_t second, std::uint32_t third)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, static_cast<std::uint32_t>(purpose) | third << 8, first, second} {}

void RandomStream::seek(std::uint64_t position) {
  counter_[0] = static_cast<std::uint32_t>(position / block_.size());
  used_ = static_cast<unsigned>(block_.size());
  for (std::uint64_t i = position % block_.size(); i > 0; --i) bits();
}

std::uint32_t RandomStream::bits() {
  if (used_ == block_.size()) {
    block_ = philox(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

float RandomStream::uniform() { return static_cast<float>(bits() >> 8) * 0x1p-24F; }

std::uint32_t RandomStream::below(std::uint32_t bound) {
  std::uint64_t product = std::uint64_t{bits()} * bound;
  // The lowest 2^32 mod bound values would make some results more likely, so those draws are
  // repeated.
  const std::uint32_t rejected = (0U - bound) % bound;
  while (static_cast<std::uint32_t>(product) < rejected) product = std::uint64_t{bits()} * bound;
  return static_cast<std::uint32_t>(product >> 32);
}

std::vector<std::uint32_t> shuffled(std::uint32_t size, std::uint64_t seed, std::uint32_t epoch) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0U);
  RandomStream random(seed, Purpose::kShuffle, epoch, 0);
  for (std::uint32_t i = size; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

}  // namespace snn
