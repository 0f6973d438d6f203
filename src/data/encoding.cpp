#include "snn/data/encoding.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "numeric/philox_lanes.h"
#include "snn/numeric/random.h"
#include "snn/numeric/spike_words.h"
#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {
namespace {

constexpr std::size_t kBytes = 256;

[[noreturn]] void refuse(const Encoding& encoding, const std::string& why) {
  throw Error(ExitCode::kUsage, "encoding " + std::string(name_of(kind_of(encoding))) + ": " + why);
}

void check(const Encoding& encoding, std::int64_t steps, bool is_sequence) {
  const std::string problem = problem_of(encoding, steps);
  if (!problem.empty()) throw Error(ExitCode::kUsage, problem);
  const EncodingKind kind = kind_of(encoding);
  if (!is_sequence && kind == EncodingKind::kDelta) {
    refuse(encoding, "samples without time, such as images, have no changes to encode");
  }
  if (is_sequence && (kind == EncodingKind::kLatency || kind == EncodingKind::kPhase)) {
    refuse(encoding, "samples are sequences; it encodes values that stay the same");
  }
}

std::uint32_t bit_of(std::int64_t step) { return 1U << step % kStepsPerWord; }

// The steps of word `word` that exist and are not before `first`.
std::uint32_t steps_in(std::int64_t word, std::int64_t first, std::int64_t steps) {
  const auto below = [&](std::int64_t step) {
    return (1U << std::clamp<std::int64_t>(step - word * kStepsPerWord, 0, kStepsPerWord)) - 1;
  };
  return below(steps) & ~below(first);
}

constexpr int kTogether = kPhiloxLanes;
using Lanes = PhiloxLanes;

// Draws for the 30 steps of the words of four values; `numbers` are those of the words among a
// sample's. Bit t of each of a word's random numbers belongs to step t, so that a draw does not
// depend on the number of steps. A step spikes if the number made of its bits, the highest first,
// is below the probability, in 2^-32; all are decided after about 6 random numbers.
Lanes draw(const EncodingKey& key, Lanes numbers, Lanes probabilities, std::uint32_t steps) {
  constexpr std::uint32_t kBlocks = 8;  // of four random numbers
  Lanes spikes = {}, open = Lanes{} + steps;
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    const auto random =
        philox({numbers * kBlocks + block, Lanes{} + static_cast<std::uint32_t>(Purpose::kEncoding),
                Lanes{} + static_cast<std::uint32_t>(key.epoch), Lanes{} + key.sample},
               key.seed);
    for (const Lanes& each : random) {
      const Lanes bit = -(probabilities >> 31);
      spikes |= open & ~each & bit;
      open &= ~(each ^ bit);
      probabilities <<= 1;
    }
    if ((open[0] | open[1] | open[2] | open[3]) == 0) break;
  }
  return spikes;  // what is still open is equal to the probability, and so not below it
}

std::uint64_t probability_of(const RateCode& code, float value) {
  const double probability = code.gain * static_cast<double>(value) + code.offset;
  return static_cast<std::uint64_t>(std::llround(std::clamp(probability, 0.0, 1.0) * 0x1p32));
}

// Computed in floats, as by snnTorch.
float time_of(const LatencyCode& code, std::int64_t steps, float value) {
  const auto threshold = static_cast<float>(code.threshold);
  if (code.linear) {
    const float tau =
        code.normalize ? static_cast<float>(steps - 1 - code.first) : static_cast<float>(code.tau);
    return std::min(-tau * (value - 1), -tau * (threshold - 1)) + static_cast<float>(code.first);
  }
  constexpr double kEpsilon = 1e-7;
  const float reached = std::max(value, static_cast<float>(code.threshold + kEpsilon));
  return static_cast<float>(code.tau) * std::log(reached / (reached - threshold)) +
         static_cast<float>(code.first);
}

// Spikes of values by their times, which depend on the sample only if they are normalised.
class Latency {
 public:
  // `latest`: the latest time in the sample.
  Latency(const LatencyCode& code, std::int64_t steps, float latest) : code_(code), steps_(steps) {
    const auto first = static_cast<float>(code.first);
    if (code.normalize && !code.linear && latest > first) {
      longest_ = latest - first;
    }
  }

  // The step of a value, which may be one after the last; -1: none.
  std::int64_t step_of(float value, float time) const {
    if (code_.clip && value < static_cast<float>(code_.threshold)) return -1;
    if (longest_ > 0) {
      const auto first = static_cast<float>(code_.first);
      time = (time - first) * static_cast<float>(steps_ - code_.first - 1) / longest_ + first;
    }
    // Infinite times, too, are after the last step.
    return std::lrint(std::min(time, static_cast<float>(1 << 30)));
  }

 private:
  const LatencyCode& code_;
  std::int64_t steps_;
  float longest_ = 0;
};

void check_step(const Encoding& encoding, float value, std::int64_t step, std::int64_t steps) {
  if (step < steps || std::get<LatencyCode>(encoding).bypass) return;
  refuse(encoding, "the value " + format_single(value) + " would spike in step " +
                       std::to_string(step) + ", after the last of " + std::to_string(steps) +
                       " (steps count from 0); use normalize=true, bypass=true to leave such "
                       "spikes out, clip=true for no spikes below the threshold, or at least " +
                       std::to_string(step + 1) + " steps");
}

std::uint32_t digits_of(const PhaseCode& code, float value) {
  const double levels = std::ldexp(1.0, static_cast<int>(code.period));
  const double digits = std::floor(static_cast<double>(value) * levels);
  return static_cast<std::uint32_t>(std::clamp(digits, 0.0, levels - 1));
}

std::uint32_t phase_word(const PhaseCode& code, std::uint32_t digits, std::int64_t word,
                         std::int64_t steps) {
  std::uint32_t bits = 0;
  const std::int64_t first = word * kStepsPerWord;
  for (std::int64_t t = first; t < std::min(first + kStepsPerWord, steps); ++t) {
    if ((digits >> (code.period - 1 - t % code.period) & 1U) != 0) bits |= bit_of(t);
  }
  return bits;
}

// Calls visit(t, i, change) for the change of each value of a sequence at each step; value(t, i) is
// that value.
template <class Value, class Visit>
void for_each_change(const DeltaCode& code, std::size_t count, std::int64_t steps,
                     const Value& value, const Visit& visit) {
  for (std::int64_t t = 0; t < steps; ++t) {
    for (std::size_t i = 0; i < count; ++i) {
      const float now = value(t, i);
      visit(t, i, now - (t > 0 ? value(t - 1, i) : code.padding ? now : 0.0F));
    }
  }
}

bool rises(const DeltaCode& code, float change) {
  return change >= static_cast<float>(code.threshold);
}

// Where spikes go: word w of value i is at words[w * count + i].
struct Words {
  std::uint32_t* words;
  std::size_t count;

  std::uint32_t& at(std::int64_t word, std::size_t i) const {
    return words[static_cast<std::size_t>(word) * count + i];
  }
  void set(std::int64_t step, std::size_t i) const { at(step / kStepsPerWord, i) |= bit_of(step); }
};

// Sets the bits `steps` of word `word` of each value where it spikes; probability(i) is that of
// value i. What is certain takes no draws.
template <class Probability>
void draw_word(std::int64_t word, std::uint32_t steps, const EncodingKey& key,
               const Probability& probability, const Words& to) {
  const auto first = static_cast<std::size_t>(word) * to.count;
  Lanes numbers = {}, probabilities = {};
  int count = 0;
  const auto draw_all = [&] {
    const Lanes spikes = draw(key, numbers, probabilities, steps);
    for (int k = 0; k < count; ++k) to.words[numbers[k]] |= spikes[k];
    count = 0;
  };
  for (std::size_t i = 0; i < to.count; ++i) {
    const std::uint64_t each = probability(i);
    if (each == 0) continue;
    if (each >> 32 != 0) {
      to.words[first + i] |= steps;
      continue;
    }
    numbers[count] = static_cast<std::uint32_t>(first + i);
    probabilities[count] = static_cast<std::uint32_t>(each);
    if (++count == kTogether) draw_all();
  }
  if (count > 0) draw_all();
}

// probability(i) is that of value i.
template <class Probability>
void draw_spikes(const RateCode& code, std::int64_t steps, const EncodingKey& key,
                 const Probability& probability, const Words& to) {
  for (std::int64_t word = 0; word < words_of(steps); ++word) {
    draw_word(word, steps_in(word, code.first, steps), key, probability, to);
  }
}

// probability(t, i) is that of value i at step t.
template <class Probability>
void draw_varying_spikes(const RateCode& code, std::int64_t steps, const EncodingKey& key,
                         const Probability& probability, const Words& to) {
  for (std::int64_t t = code.first; t < steps; ++t) {
    draw_word(
        t / kStepsPerWord, bit_of(t), key, [&](std::size_t i) { return probability(t, i); }, to);
  }
}

std::vector<float> as_floats(const std::vector<std::uint32_t>& words, std::size_t count,
                             std::int64_t steps) {
  std::vector<float> spikes(static_cast<std::size_t>(steps) * count);
  const Words from{const_cast<std::uint32_t*>(words.data()), count};
  for (std::int64_t t = 0; t < steps; ++t) {
    for (std::size_t i = 0; i < count; ++i) {
      const bool spiked = (from.at(t / kStepsPerWord, i) & bit_of(t)) != 0;
      spikes[static_cast<std::size_t>(t) * count + i] = spiked ? 1.0F : 0.0F;
    }
  }
  return spikes;
}

void check_values(const Encoding& encoding, std::span<const float> values) {
  const bool is_share = kind_of(encoding) == EncodingKind::kLatency;
  for (const float value : values) {
    if (std::isnan(value) || (is_share && (value < 0 || value > 1))) {
      refuse(encoding, std::string("expected ") + (is_share ? "values in [0, 1]" : "numbers") +
                           ", found " + format_single(value));
    }
  }
}

}  // namespace

std::vector<float> encode(const Encoding& encoding, std::span<const float> values,
                          std::int64_t steps, const EncodingKey& key) {
  check(encoding, steps, /*is_sequence=*/false);
  check_values(encoding, values);
  if (kind_of(encoding) == EncodingKind::kCurrent) {
    std::vector<float> repeated;
    for (std::int64_t t = 0; t < steps; ++t) {
      repeated.insert(repeated.end(), values.begin(), values.end());
    }
    return repeated;
  }
  std::vector<std::uint32_t> words(static_cast<std::size_t>(words_of(steps)) * values.size());
  const Words to{words.data(), values.size()};
  if (const auto* rate = std::get_if<RateCode>(&encoding)) {
    draw_spikes(
        *rate, steps, key, [&](std::size_t i) { return probability_of(*rate, values[i]); }, to);
  } else if (const auto* code = std::get_if<LatencyCode>(&encoding)) {
    std::vector<float> times;
    for (const float value : values) times.push_back(time_of(*code, steps, value));
    const Latency latency(*code, steps, times.empty() ? 0 : std::ranges::max(times));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::int64_t step = latency.step_of(values[i], times[i]);
      check_step(encoding, values[i], step, steps);
      if (step >= 0 && step < steps) to.set(step, i);
    }
  } else if (const auto* phase = std::get_if<PhaseCode>(&encoding)) {
    for (std::int64_t word = 0; word < words_of(steps); ++word) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        to.at(word, i) = phase_word(*phase, digits_of(*phase, values[i]), word, steps);
      }
    }
  }
  return as_floats(words, values.size(), steps);
}

std::vector<float> encode_sequence(const Encoding& encoding, std::span<const float> values,
                                   std::int64_t steps, const EncodingKey& key) {
  check(encoding, steps, /*is_sequence=*/true);
  check_values(encoding, values);
  const std::size_t count = values.size() / static_cast<std::size_t>(steps);
  if (count * static_cast<std::size_t>(steps) != values.size()) {
    refuse(encoding, "expected the same number of values in each of " + std::to_string(steps) +
                         " steps, found " + std::to_string(values.size()) + " in all");
  }
  if (kind_of(encoding) == EncodingKind::kCurrent) return {values.begin(), values.end()};
  const auto value = [&](std::int64_t t, std::size_t i) {
    return values[static_cast<std::size_t>(t) * count + i];
  };
  if (const auto* delta = std::get_if<DeltaCode>(&encoding)) {
    std::vector<float> spikes(values.size());
    for_each_change(*delta, count, steps, value, [&](std::int64_t t, std::size_t i, float change) {
      const bool falls = delta->off_spikes && rises(*delta, -change);
      spikes[static_cast<std::size_t>(t) * count + i] =
          rises(*delta, change) ? 1.0F : (falls ? -1.0F : 0.0F);
    });
    return spikes;
  }
  const RateCode& rate = std::get<RateCode>(encoding);
  std::vector<std::uint32_t> words(static_cast<std::size_t>(words_of(steps)) * count);
  draw_varying_spikes(
      rate, steps, key,
      [&](std::int64_t t, std::size_t i) { return probability_of(rate, value(t, i)); },
      {words.data(), count});
  return as_floats(words, count, steps);
}

Encoder::Encoder(const Encoding& encoding, std::int64_t steps, float unit, bool is_sequence)
    : encoding_(encoding), steps_(steps), is_sequence_(is_sequence) {
  check(encoding, steps, is_sequence);
  if (kind_of(encoding) == EncodingKind::kCurrent) refuse(encoding, "it has no spikes");
  for (std::size_t byte = 0; byte < kBytes; ++byte) {
    levels_.push_back(std::min(static_cast<float>(byte) / unit, 1.0F));
  }
  if (const auto* rate = std::get_if<RateCode>(&encoding)) {
    for (const float level : levels_) probabilities_.push_back(probability_of(*rate, level));
  } else if (const auto* code = std::get_if<LatencyCode>(&encoding)) {
    for (const float level : levels_) times_.push_back(time_of(*code, steps, level));
    const Latency latency(*code, steps, times_[0]);
    for (std::size_t byte = 0; byte < kBytes; ++byte) {
      check_step(encoding, levels_[byte], latency.step_of(levels_[byte], times_[byte]), steps);
    }
  } else if (const auto* delta = std::get_if<DeltaCode>(&encoding)) {
    if (delta->off_spikes) refuse(encoding, "a batch of spikes as bits has no off-spikes of -1");
  } else if (const auto* phase = std::get_if<PhaseCode>(&encoding)) {
    for (std::int64_t word = 0; word < words_of(steps); ++word) {
      for (const float level : levels_) {
        patterns_.push_back(phase_word(*phase, digits_of(*phase, level), word, steps));
      }
    }
  }
}

void Encoder::encode(std::span<const std::uint8_t> values, const EncodingKey& key,
                     std::uint32_t* words) const {
  const std::size_t count =
      values.size() / static_cast<std::size_t>(is_sequence_ ? steps_ : std::int64_t{1});
  const Words to{words, count};
  const auto byte_at = [&](std::int64_t t, std::size_t i) {
    return values[static_cast<std::size_t>(t) * count + i];
  };
  std::fill_n(words, static_cast<std::size_t>(words_of(steps_)) * count, 0U);
  if (const auto* rate = std::get_if<RateCode>(&encoding_)) {
    if (is_sequence_) {
      draw_varying_spikes(
          *rate, steps_, key,
          [&](std::int64_t t, std::size_t i) { return probabilities_[byte_at(t, i)]; }, to);
    } else {
      draw_spikes(
          *rate, steps_, key, [&](std::size_t i) { return probabilities_[values[i]]; }, to);
    }
  } else if (const auto* code = std::get_if<LatencyCode>(&encoding_)) {
    // The smallest value has the latest time.
    const Latency latency(*code, steps_,
                          values.empty() ? 0 : times_[*std::ranges::min_element(values)]);
    std::array<std::int64_t, kBytes> step_of_byte{};
    for (std::size_t byte = 0; byte < kBytes; ++byte) {
      step_of_byte[byte] = latency.step_of(levels_[byte], times_[byte]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t step = step_of_byte[values[i]];
      if (step >= 0 && step < steps_) to.set(step, i);
    }
  } else if (const auto* delta = std::get_if<DeltaCode>(&encoding_)) {
    const auto value = [&](std::int64_t t, std::size_t i) { return levels_[byte_at(t, i)]; };
    for_each_change(*delta, count, steps_, value, [&](std::int64_t t, std::size_t i, float change) {
      if (rises(*delta, change)) to.set(t, i);
    });
  } else {
    for (std::int64_t word = 0; word < words_of(steps_); ++word) {
      const std::uint32_t* pattern = patterns_.data() + static_cast<std::size_t>(word) * kBytes;
      for (std::size_t i = 0; i < count; ++i) to.at(word, i) = pattern[values[i]];
    }
  }
}

}  // namespace snn
