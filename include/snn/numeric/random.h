#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace snn {

/// The purpose of a random number. Each purpose has its own streams, so that more draws for one
/// never change another.
enum class Purpose : std::uint32_t {
  kWeights = 1,
  kShuffle = 2,
  kEncoding = 3,
  kDropout = 4,
  kSweep = 5
};

/// The constants of the Philox4x32-10 generator, for those who compute several blocks at once.
inline constexpr int kPhiloxRounds = 10;
inline constexpr std::array<std::uint32_t, 2> kPhiloxMultipliers = {0xD2511F53, 0xCD9E8D57};
inline constexpr std::array<std::uint32_t, 2> kPhiloxWeyl = {0x9E3779B9, 0xBB67AE85};

/// One block of the Philox4x32-10 generator: a bijection of `counter` under `key`.
/// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// A reproducible stream of random numbers, which depends only on (seed, purpose, first, second,
/// third): it needs no saved state and is the same on every machine, device and number of threads.
/// `first`, `second` and `third`, below 2^24, are the counters of the purpose: (layer, parameter),
/// (epoch, sample), for dropout (epoch, sample, place in the network) or, in a sweep, (setting,
/// parameter).
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint32_t first, std::uint32_t second,
               std::uint32_t third = 0);

  /// Continues with number `position` of the stream, counted from 0 and below 2^34.
  void seek(std::uint64_t position);

  /// The next 32 random bits. A stream holds 2^34 of them.
  std::uint32_t bits();

  /// The next number in [0, 1), a multiple of 2^-24.
  float uniform();

  /// The next number in [0, bound), uniformly distributed; bound > 0. Lemire, "Fast random integer
  /// generation in an interval", 2019.
  std::uint32_t below(std::uint32_t bound);

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

/// The numbers 0 … size-1 in the order in which `epoch` presents them (Fisher-Yates).
std::vector<std::uint32_t> shuffled(std::uint32_t size, std::uint64_t seed, std::uint32_t epoch);

}  // namespace snn
