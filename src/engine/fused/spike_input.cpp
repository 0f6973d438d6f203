#include "engine/fused/spike_input.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>

#include "snn/text/error.h"

namespace snn::fused {

using kernels::kExcept;
using kernels::kStepsPerWord;
using kernels::SpikeTrain;

namespace {

constexpr std::int64_t kLists = 1 + 2 * kStepsPerWord;  // of a word

// Sorts trains by their kind and number of bits, so that the loops over the bits of one after the
// other are equally long, which processors predict.
void sort_by_length(std::span<SpikeTrain> trains) {
  const auto length = [](const SpikeTrain& train) {
    const bool is_most = (train.steps & kExcept) != 0;
    return static_cast<std::size_t>(std::popcount(train.steps)) + (is_most ? kStepsPerWord : 0);
  };
  const auto as_first = [&](const SpikeTrain& train) {
    return length(train) == length(trains.front());
  };
  if (std::ranges::all_of(trains, as_first)) return;
  std::array<std::size_t, 2 * kStepsPerWord + 2> places{};  // of the first train of each length
  for (const SpikeTrain& train : trains) ++places[length(train) + 1];
  for (std::size_t i = 1; i < places.size(); ++i) places[i] += places[i - 1];
  const std::vector<SpikeTrain> unsorted(trains.begin(), trains.end());
  for (const SpikeTrain& train : unsorted) trains[places[length(train)]++] = train;
}

}  // namespace

std::int64_t SpikeInput::piece_size(std::int64_t inputs) {
  const std::int64_t pieces = (inputs + kMostInPiece - 1) / kMostInPiece;
  return (inputs + pieces - 1) / pieces;
}

std::int64_t SpikeInput::pieces() const {
  const std::int64_t size = piece_size(shape_.inputs);
  return (shape_.inputs + size - 1) / size;
}

void SpikeInput::begin(const InputShape& shape) {
  shape_ = shape;
  // At most half of the steps of an input are listed, and the input itself.
  const std::int64_t most = kPart * words() * shape.inputs * (kStepsPerWord / 2 + 1);
  if (most > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ExitCode::kUsage, "spikes of " + std::to_string(shape.inputs) + " inputs in " +
                                      std::to_string(shape.steps) +
                                      " steps are too many for the fused kernels");
  }
  parts_.resize(static_cast<std::size_t>(shape.parts()));
  for (Part& part : parts_) {
    part.buckets.reserve(static_cast<std::size_t>(kLists * shape.inputs));
  }
}

void SpikeInput::read_part(std::int64_t index, const std::uint32_t* words_of_batch) {
  Part& part = parts_[static_cast<std::size_t>(index)];
  part.inputs.clear();
  part.ends.assign(1, 0);
  part.trains.clear();
  part.train_ends.assign(1, 0);
  const std::int64_t first = index * kPart, end = std::min(first + kPart, shape_.samples);
  for (std::int64_t sample = first; sample < end; ++sample) {
    for (std::int64_t word = 0; word < words(); ++word) {
      const auto steps = static_cast<int>(
          std::min<std::int64_t>(kStepsPerWord, shape_.steps - word * kStepsPerWord));
      const std::size_t first_train = part.trains.size();
      list_trains(part, words_of_batch + (sample * words() + word) * shape_.inputs, steps);
      list_inputs(part, first_train, steps);
    }
  }
}

// An input that spikes in more than half of the steps is known by those in which it does not.
void SpikeInput::list_trains(Part& part, const std::uint32_t* words, int steps) const {
  const std::uint32_t all = (1U << steps) - 1;
  const std::int64_t size = piece_size(shape_.inputs);
  for (std::int64_t first = 0; first < shape_.inputs; first += size) {
    for (std::int64_t i = first; i < std::min(first + size, shape_.inputs); ++i) {
      const std::uint32_t spikes = words[i] & all;
      if (spikes == 0) continue;
      const bool is_most = 2 * std::popcount(spikes) > steps;
      part.trains.push_back(
          {static_cast<std::uint32_t>(i), is_most ? (~spikes & all) | kExcept : spikes});
    }
    const std::uint32_t begin = part.train_ends.back();
    sort_by_length(std::span(part.trains).subspan(begin));
    part.train_ends.push_back(static_cast<std::uint32_t>(part.trains.size()));
  }
}

// Sorts the trains from `first_train` on by steps.
void SpikeInput::list_inputs(Part& part, std::size_t first_train, int steps) const {
  std::uint32_t* buckets = part.buckets.data();
  std::array<std::uint32_t, kLists> counts{};
  const auto list = [&](std::size_t bucket, std::uint32_t input) {
    buckets[static_cast<std::int64_t>(bucket) * shape_.inputs + counts[bucket]++] = input;
  };
  for (std::size_t i = first_train; i < part.trains.size(); ++i) {
    const SpikeTrain& train = part.trains[i];
    const bool is_most = (train.steps & kExcept) != 0;
    if (is_most) list(0, train.input);
    for (std::uint32_t left = train.steps & (kExcept - 1); left != 0; left &= left - 1) {
      list((is_most ? 2 : 1) + 2 * static_cast<std::size_t>(std::countr_zero(left)), train.input);
    }
  }
  for (std::size_t k = 0; k < static_cast<std::size_t>(1 + 2 * steps); ++k) {
    const std::uint32_t* first = buckets + static_cast<std::int64_t>(k) * shape_.inputs;
    part.inputs.insert(part.inputs.end(), first, first + counts[k]);
    part.ends.push_back(static_cast<std::uint32_t>(part.inputs.size()));
  }
}

kernels::SpikeLists SpikeInput::lists(std::int64_t sample, std::int64_t word) const {
  const Part& part = parts_[static_cast<std::size_t>(sample / kPart)];
  const std::int64_t of_sample = words() + 2 * shape_.steps;
  return {part.inputs.data(), part.ends.data() + sample % kPart * of_sample + word * kLists};
}

std::span<const SpikeTrain> SpikeInput::trains(std::int64_t sample, std::int64_t word,
                                               std::int64_t piece) const {
  const Part& part = parts_[static_cast<std::size_t>(sample / kPart)];
  const std::uint32_t* ends =
      part.train_ends.data() + (sample % kPart * words() + word) * pieces() + piece;
  return {part.trains.data() + ends[0], part.trains.data() + ends[1]};
}

}  // namespace snn::fused
