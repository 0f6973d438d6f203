#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "snn/text/names.h"

namespace snn {

// Encodings: how values x, 1 at full brightness, become a network's input over T steps. The
// definitions are those of snnTorch's spikegen, with the differences that docs/encoders.md lists.

/// The values themselves, the same at every step.
struct CurrentCode {
  bool operator==(const CurrentCode&) const = default;
};

/// At each step independently a spike with probability min(max(gain x + offset, 0), 1), rounded to
/// a multiple of 2^-32 (spikegen.rate). A sequence has the probability of each step's value.
struct RateCode {
  double gain = 1, offset = 0;  ///< not negative
  std::int64_t first = 0;       ///< no spikes before this step, from 0
  bool operator==(const RateCode&) const = default;
};

/// One spike per value, the earlier the larger it is (spikegen.latency): in the step t, rounded
/// half to even, with d = max(x, threshold + 1e-7)
///
///     t = first + tau ln(d / (d - threshold))                    after the time that a leaky
///                                                                integrator of x takes to fire
///     t = first + tau (1 - max(x, threshold))                    linear
///
/// normalize: a sample's latest spike is in the last step; linear, a spike at x = 0 would be (tau
/// is T - 1 - first). clip: values below the threshold do not spike. bypass: what would spike after
/// the last step does not spike; otherwise it is an error. Values are in [0, 1].
struct LatencyCode {
  double tau = 1;           ///< in steps; positive
  double threshold = 0.01;  ///< in (0, 1)
  std::int64_t first = 0;   ///< the earliest step, from 0
  bool linear = false, normalize = false, clip = false, bypass = false;
  bool operator==(const LatencyCode&) const = default;
};

/// A spike where a sequence has risen by at least the threshold since the step before, and -1 with
/// off_spikes where it has fallen by as much (spikegen.delta). Before the first step it is 0, or,
/// with padding, as in the first step. It encodes sequences alone.
struct DeltaCode {
  double threshold = 0.1;  ///< positive
  bool padding = false, off_spikes = false;
  bool operator==(const DeltaCode&) const = default;
};

/// The binary digits of x, one per step and most significant first, again and again: x is rounded
/// down to `period` bits, and is at most 1 - 2^-period. It is weighted phase coding with the
/// weights left to the network: J. Kim et al., "Deep neural networks with weighted spikes"
/// (Neurocomputing 311, 2018), SpikingJelly's WeightedPhaseEncoder.
struct PhaseCode {
  std::int64_t period = 8;  ///< in steps, 1 to 24
  bool operator==(const PhaseCode&) const = default;
};

using Encoding = std::variant<CurrentCode, RateCode, LatencyCode, DeltaCode, PhaseCode>;

/// The kinds of encodings, in the order of Encoding.
enum class EncodingKind : std::size_t { kCurrent, kRate, kLatency, kDelta, kPhase };
template <>
struct Names<EncodingKind> {
  static constexpr std::pair<EncodingKind, std::string_view> table[] = {
      {EncodingKind::kCurrent, "current"},
      {EncodingKind::kRate, "rate"},
      {EncodingKind::kLatency, "latency"},
      {EncodingKind::kDelta, "delta"},
      {EncodingKind::kPhase, "phase"}};
};
inline EncodingKind kind_of(const Encoding& encoding) { return EncodingKind{encoding.index()}; }

/// `name[:parameter=value[,parameter=value]]`; throws Error(kUsage) that names the mistake and the
/// valid choices.
Encoding parse_encoding(std::string_view text);

/// The text with every parameter; parse_encoding() reads it back exactly.
std::string to_string(const Encoding& encoding);

/// The problem with an encoding over `steps` steps, or nothing: "encoding rate: first: expected at
/// most 24, the last step, found 30".
std::string problem_of(const Encoding& encoding, std::int64_t steps);

/// The key of a sample's random draws: they depend on nothing else.
struct EncodingKey {
  std::uint64_t seed = 1;    ///< random seed of the run
  std::uint64_t epoch = 0;   ///< epoch of training, from 1; 0 in evaluations
  std::uint32_t sample = 0;  ///< its number in the data set
};

/// The input (T,N) of the values (N) of a sample. Throws Error(kUsage) for what problem_of()
/// refuses or a value that the encoding does not have: NaN, for latency one outside [0, 1] or one
/// that would spike after the last step; and for delta.
std::vector<float> encode(const Encoding& encoding, std::span<const float> values,
                          std::int64_t steps, const EncodingKey& key = {});

/// The input (T,N) of a sequence (T,N) of `steps` steps. Throws as encode() does, and for latency
/// and phase, which encode values that stay the same.
std::vector<float> encode_sequence(const Encoding& encoding, std::span<const float> values,
                                   std::int64_t steps, const EncodingKey& key = {});

/// Encodes samples of bytes, of which v stands for the value v/unit, at most 1, to spikes as bits
/// (spike_words.h). The spikes are those of encode() and encode_sequence().
class Encoder {
 public:
  /// `is_sequence`: samples are sequences of `steps` steps. Throws Error(kUsage) as they do,
  /// already if one of the 256 values would spike after the last step; for current, which has no
  /// spikes, and for delta with off_spikes, whose -1 is no bit.
  Encoder(const Encoding& encoding, std::int64_t steps, float unit, bool is_sequence);

  std::int64_t steps() const { return steps_; }

  /// Writes the words (W,N) of a sample of N values, or, of a sequence, of (T,N). Several threads
  /// may encode at once.
  void encode(std::span<const std::uint8_t> values, const EncodingKey& key,
              std::uint32_t* words) const;

 private:
  Encoding encoding_;
  std::int64_t steps_;
  bool is_sequence_;
  std::vector<float> levels_;                 // (256) the value of each byte
  std::vector<std::uint64_t> probabilities_;  // (256) of rate, in 2^-32
  std::vector<float> times_;                  // (256) of latency
  std::vector<std::uint32_t> patterns_;       // (W,256) of phase
};

}  // namespace snn
