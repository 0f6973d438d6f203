#include "snn/data/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "snn/numeric/random.h"
#include "snn/numeric/spike_words.h"
#include "support/error_of.h"

namespace snn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Floats = std::vector<float>;

// The step of the only spike of each value; -1: none.
std::vector<int> spike_steps(const Floats& spikes, std::size_t count) {
  std::vector<int> steps(count, -1);
  for (std::size_t at = 0; at < spikes.size(); ++at) {
    if (spikes[at] == 0) continue;
    EXPECT_EQ(steps[at % count], -1) << "a second spike of value " << at % count;
    steps[at % count] = static_cast<int>(at / count);
  }
  return steps;
}

std::vector<int> latencies(const std::string& encoding, const Floats& values, std::int64_t steps) {
  return spike_steps(encode(parse_encoding(encoding), values, steps), values.size());
}

Floats changes(const std::string& encoding, const Floats& values) {
  return encode_sequence(parse_encoding(encoding), values, std::ssize(values));
}

double sum(const Floats& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

std::vector<std::uint8_t> all_bytes() {
  std::vector<std::uint8_t> bytes(256);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

std::vector<std::uint32_t> words_by(const Encoder& encoder, const std::vector<std::uint8_t>& bytes,
                                    const EncodingKey& key = {}) {
  std::vector<std::uint32_t> words(static_cast<std::size_t>(words_of(encoder.steps())) *
                                   bytes.size());
  encoder.encode(bytes, key, words.data());
  return words;
}

bool has_spike(const std::vector<std::uint32_t>& words, std::size_t count, std::size_t value,
               std::int64_t step) {
  const auto word = static_cast<std::size_t>(step / kStepsPerWord) * count + value;
  return (words[word] >> step % kStepsPerWord & 1U) != 0;
}

TEST(Encoding, IsWrittenWithAllItsParameters) {
  for (const auto& [text, canonical] : std::vector<std::pair<std::string, std::string>>{
           {"current", "current"},
           {"Rate:gain=0.5", "rate:gain=0.5,offset=0,first=0"},
           {"latency:normalize=yes,tau=5",
            "latency:tau=5,threshold=0.01,first=0,linear=false,normalize=true,clip=false,"
            "bypass=false"},
           {"delta:padding=true", "delta:threshold=0.1,padding=true,off-spikes=false"},
           {"phase", "phase:period=8"}}) {
    const Encoding encoding = parse_encoding(text);
    EXPECT_EQ(to_string(encoding), canonical);
    EXPECT_EQ(parse_encoding(canonical), encoding);
  }
}

TEST(Encoding, SaysWhatIsWrongWithItsText) {
  const auto message = [](const std::string& text) {
    return error_of([&] { parse_encoding(text); });
  };
  EXPECT_THAT(message("poissson"), HasSubstr("expected a kind of encoding (current, rate, latency, "
                                             "delta or phase), found 'poissson'"));
  EXPECT_THAT(message("rate:gain=-1"), HasSubstr("encoding 'rate': gain: expected a number >= 0"));
  EXPECT_THAT(message("rate:gain=nan"), HasSubstr("gain: expected a number"));
  EXPECT_THAT(message("rate:tau=1"), HasSubstr("unknown parameter 'tau'"));
  EXPECT_THAT(message("rate:first=0.5"), HasSubstr("first: expected an integer"));
  EXPECT_THAT(message("latency:threshold=1"), HasSubstr("threshold: expected a number in (0, 1)"));
  EXPECT_THAT(message("latency:tau=0"), HasSubstr("tau: expected a number > 0"));
  EXPECT_THAT(message("latency:clip=2"), HasSubstr("clip: expected true or false, found '2'"));
  EXPECT_THAT(message("delta:threshold=0"), HasSubstr("threshold: expected a number > 0"));
  EXPECT_THAT(message("phase:period=25"), HasSubstr("period: expected an integer in [1, 24]"));
}

TEST(Encoding, RefusesOptionsThatDoNotFitTheSteps) {
  EXPECT_EQ(problem_of(RateCode{.first = 24}, 25), "");
  EXPECT_EQ(problem_of(RateCode{.first = 25}, 25),
            "encoding 'rate': first: expected at most 24, the last of 25 steps, found 25");
  EXPECT_THAT(problem_of(RateCode{.gain = std::nan("")}, 25), HasSubstr("found nan"));
  EXPECT_THAT(problem_of(PhaseCode{.period = 0}, 25), HasSubstr("period"));
  EXPECT_THAT(problem_of(CurrentCode{}, 0), HasSubstr("steps: expected at least 1"));
}

TEST(Encoding, RepeatsCurrents) {
  EXPECT_THAT(encode(CurrentCode{}, Floats{0.5, -2}, 2), ElementsAre(0.5, -2, 0.5, -2));
  EXPECT_THAT(encode_sequence(CurrentCode{}, Floats{0.5, -2}, 2), ElementsAre(0.5, -2));
}

// The tables of snnTorch's tests and tutorials.
TEST(Encoding, HasSnnTorchsLatencies) {
  EXPECT_THAT(latencies("latency:linear=true,normalize=true", {0.02F, 0.5F, 1}, 5),
              ElementsAre(4, 2, 0));
  EXPECT_THAT(latencies("latency:normalize=true", {0.02F, 0.5F, 1}, 5), ElementsAre(4, 0, 0));
  // Linear without normalisation: tau (1 - x), at most tau (1 - threshold).
  EXPECT_THAT(latencies("latency:linear=true,tau=3,first=1", {0, 0.5F, 1}, 5),
              ElementsAre(4, 2, 1));
  // 11.5 of spikegen.latency_code([0]), which rounds to even.
  EXPECT_THAT(latencies("latency", {0, 1}, 25), ElementsAre(12, 0));
  EXPECT_THAT(latencies("latency:first=5", {0, 1}, 25), ElementsAre(17, 5));
  EXPECT_THAT(latencies("latency:clip=true", {0, 0.009F, 0.5F}, 25), ElementsAre(-1, -1, 0));
  EXPECT_THAT(latencies("latency:bypass=true", {0, 1}, 10), ElementsAre(-1, 0));
}

TEST(Encoding, RefusesLatenciesAfterTheLastStep) {
  const auto message = [](const std::string& text, const Floats& values, std::int64_t steps) {
    return error_of([&] { encode(parse_encoding(text), values, steps); });
  };
  EXPECT_THAT(message("latency:tau=5", {1, 0}, 25),
              HasSubstr("the value 0 would spike in step 58, after the last of 25"));
  EXPECT_THAT(message("latency", {0.5F, 1.5F}, 25),
              HasSubstr("expected values in [0, 1], found 1.5"));
  EXPECT_THAT(message("latency", {std::numeric_limits<float>::quiet_NaN()}, 25),
              HasSubstr("found nan"));
  EXPECT_THAT(error_of([] { Encoder(LatencyCode{.tau = 5}, 25, 255, false); }),
              HasSubstr("the value 0 would spike in step 58"));
  // 3/255 is the darkest pixel above the threshold, and spikes in step 5 ln(1/0.15) = 9.5.
  EXPECT_NO_THROW(Encoder({LatencyCode{.tau = 5, .clip = true}}, 25, 255, false));
}

TEST(Encoding, HasSnnTorchsChanges) {
  EXPECT_THAT(changes("delta:threshold=0.1", {1, 2, 2.91F, 3, 3.9F}), ElementsAre(1, 1, 1, 0, 1));
  EXPECT_THAT(changes("delta:threshold=1", {1, 2, 2.9F, 3, 3.9F}), ElementsAre(1, 1, 0, 0, 0));
  EXPECT_THAT(changes("delta:threshold=1,padding=true", {1, 2, 2.9F, 3, 3.9F}),
              ElementsAre(0, 1, 0, 0, 0));
  EXPECT_THAT(changes("delta:threshold=1,off-spikes=true", {1, 2, 0, 2, 2.9F}),
              ElementsAre(1, 1, -1, 1, 0));
}

TEST(Encoding, RefusesWhatItCannotEncode) {
  EXPECT_THAT(error_of([] { encode(DeltaCode{}, Floats{1}, 5); }),
              HasSubstr("encoding delta: samples without time, such as images, have no changes"));
  EXPECT_THAT(error_of([] { encode_sequence(PhaseCode{}, Floats{1}, 1); }),
              HasSubstr("encoding phase: samples are sequences"));
  EXPECT_THAT(error_of([] {
                encode_sequence(RateCode{}, Floats{1, 2, 3}, 2);
              }),
              HasSubstr("expected the same number of values in each of 2 steps, found 3"));
  EXPECT_THAT(error_of([] { Encoder(DeltaCode{.off_spikes = true}, 5, 255, true); }),
              HasSubstr("no off-spikes"));
  EXPECT_THAT(error_of([] { encode(RateCode{}, Floats{std::nanf("")}, 5); }),
              HasSubstr("expected numbers, found nan"));
}

// 0.625 = 0.101 in binary; 1 is at most 0.111.
TEST(Encoding, ShowsBinaryDigitsAsPhases) {
  const Floats spikes = encode(PhaseCode{.period = 3}, Floats{0.625F, 1, 0.124F}, 5);
  EXPECT_THAT(spikes, ElementsAre(1, 1, 0,  //
                                  0, 1, 0,  //
                                  1, 1, 0,  //
                                  1, 1, 0,  //
                                  0, 1, 0));
}

TEST(Encoding, DrawsNothingForCertainValues) {
  EXPECT_EQ(sum(encode(RateCode{}, Floats{0, -3}, 70)), 0);
  EXPECT_EQ(sum(encode(RateCode{}, Floats{1, 7}, 70)), 140);
  EXPECT_EQ(sum(encode(RateCode{.first = 3}, Floats{1}, 5)), 2);
  EXPECT_EQ(sum(encode(RateCode{.gain = 0, .offset = 1}, Floats{0}, 31)), 31);
}

// The definition of the draws, which no version may change: a run would not resume to the same
// bits.
TEST(Encoding, DrawsByTheBitsOfPhilox) {
  constexpr std::int64_t kSteps = 64;
  const EncodingKey key{0x123456789, 6, 77};
  Floats values;
  for (int i = 0; i < 23; ++i) values.push_back(static_cast<float>(i) / 22);
  const Floats spikes = encode(RateCode{}, values, kSteps, key);
  for (std::int64_t t = 0; t < kSteps; ++t) {
    for (std::uint32_t i = 0; i < 23; ++i) {
      const auto word = static_cast<std::uint32_t>(t / kStepsPerWord);
      std::uint32_t number = 0;
      for (std::uint32_t block = 0; block < 8; ++block) {
        const auto random = philox(
            {(word * 23 + i) * 8 + block, static_cast<std::uint32_t>(Purpose::kEncoding), 6, 77},
            {0x23456789, 1});
        for (const std::uint32_t each : random) number = number << 1 | (each >> t % 30 & 1U);
      }
      const double share = number * 0x1p-32, p = static_cast<double>(values[i]);
      if (std::abs(share - p) < 1e-9) continue;  // p is rounded
      EXPECT_EQ(spikes[static_cast<std::size_t>(t) * 23 + i], share < p ? 1 : 0) << t << " " << i;
    }
  }
}

// A count of n draws is within 5 standard deviations of n p but once in a million cases.
TEST(Encoding, SpikesAtTheRateOfTheValue) {
  constexpr std::int64_t kSteps = 40;
  constexpr std::uint32_t kSamples = 400;
  const RateCode code{.gain = 0.8, .offset = 0.1};
  const Floats values = {0, 0.001F, 0.25F, 1.0F / 3, 0.5F, 0.77F, 0.999F};
  std::vector<double> counts(values.size());
  for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
    const Floats spikes = encode(code, values, kSteps, {5, 2, sample});
    for (std::size_t i = 0; i < spikes.size(); ++i) {
      counts[i % values.size()] += static_cast<double>(spikes[i]);
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double p = 0.8 * static_cast<double>(values[i]) + 0.1, n = kSteps * kSamples;
    EXPECT_NEAR(counts[i], n * p, 5 * std::sqrt(n * p * (1 - p))) << values[i];
  }
}

// Draws of other steps, values, samples, epochs and seeds are independent: spikes at p = 0.5 agree
// in half of the cases.
TEST(Encoding, DrawsIndependently) {
  constexpr std::size_t kValues = 500, kSteps = 60;
  const Floats values(kValues, 0.5F);
  const Floats spikes = encode(RateCode{}, values, kSteps, {1, 1, 1});
  const auto expect_half = [&](const Floats& others, std::size_t lag, const std::string& what) {
    double same = 0;
    const std::size_t count = spikes.size() - lag;
    for (std::size_t i = 0; i < count; ++i) same += spikes[i] == others[i + lag] ? 1 : 0;
    const auto n = static_cast<double>(count);
    EXPECT_NEAR(same, n / 2, 5 * std::sqrt(n) / 2) << what;
  };
  expect_half(spikes, 1, "neighbouring values");
  expect_half(spikes, kValues, "neighbouring steps");
  expect_half(spikes, kValues * 30, "the same step of the next word");
  expect_half(encode(RateCode{}, values, kSteps, {1, 1, 2}), 0, "samples");
  expect_half(encode(RateCode{}, values, kSteps, {1, 2, 1}), 0, "epochs");
  expect_half(encode(RateCode{}, values, kSteps, {2, 1, 1}), 0, "seeds");
}

TEST(Encoding, DrawsTheSameSpikesForAnyNumberOfSteps) {
  const Floats values = {0.1F, 0.5F, 0.9F};
  const Floats few = encode(RateCode{}, values, 25, {3, 1, 4}),
               many = encode(RateCode{}, values, 29, {3, 1, 4});
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

// The bits for the bytes of an image are the spikes of its values.
TEST(Encoder, EncodesBytesAsTheirValues) {
  const std::vector<std::uint8_t> bytes = all_bytes();
  Floats values;
  for (const std::uint8_t byte : bytes) values.push_back(static_cast<float>(byte) / 255);
  for (const std::string text :
       {"rate", "rate:gain=0.5,offset=0.25,first=2", "latency", "latency:normalize=true",
        "latency:linear=true,normalize=true,clip=true,first=3", "latency:tau=7,bypass=true",
        "phase", "phase:period=5"}) {
    const Encoding encoding = parse_encoding(text);
    for (const std::int64_t steps : {13, 25, 30, 31, 70}) {
      const EncodingKey key{9, 4, 17};
      const Encoder encoder(encoding, steps, 255, /*is_sequence=*/false);
      const auto words = words_by(encoder, bytes, key);
      const Floats spikes = encode(encoding, values, steps, key);
      double found = 0;
      for (const std::uint32_t word : words) found += std::popcount(word);
      EXPECT_EQ(found, sum(spikes)) << text << " " << steps;
      for (std::size_t at = 0; at < spikes.size(); ++at) {
        ASSERT_EQ(has_spike(words, 256, at % 256, static_cast<std::int64_t>(at / 256)),
                  spikes[at] == 1)
            << text << " " << steps << " at " << at;
      }
    }
  }
}

TEST(Encoder, NormalisesTheLatenciesOfASampleByItsDarkestPixel) {
  const Encoder encoder(LatencyCode{.normalize = true}, 20, 255, /*is_sequence=*/false);
  for (const std::uint8_t darkest : {std::uint8_t{0}, std::uint8_t{10}, std::uint8_t{200}}) {
    const std::vector<std::uint8_t> bytes = {darkest, 255, 230};
    EXPECT_TRUE(has_spike(words_by(encoder, bytes), 3, 0, 19)) << int{darkest};
  }
}

TEST(Encoder, EncodesSequencesAsTheirValues) {
  constexpr std::int64_t kSteps = 33;
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < kSteps * 4; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 37));
  Floats values;
  for (const std::uint8_t byte : bytes) values.push_back(static_cast<float>(byte) / 255);
  for (const Encoding& encoding :
       {Encoding(RateCode{.gain = 0.9, .first = 1}), Encoding(DeltaCode{.threshold = 0.2})}) {
    const Encoder encoder(encoding, kSteps, 255, /*is_sequence=*/true);
    const auto words = words_by(encoder, {bytes.begin(), bytes.begin() + 4 * kSteps});
    const Floats spikes = encode_sequence(encoding, values, kSteps);
    EXPECT_GT(sum(spikes), 10);
    for (std::size_t at = 0; at < spikes.size(); ++at) {
      const std::size_t word = at / 4 / kStepsPerWord * 4 + at % 4;
      EXPECT_EQ(words[word] >> (at / 4 % kStepsPerWord) & 1U, spikes[at] == 1 ? 1U : 0U) << at;
    }
  }
}

}  // namespace
}  // namespace snn
