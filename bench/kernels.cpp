// Times each kernel alone, on the shapes of a training step of 784-500-500-10 with T = 25: a block
// of 64 neurons, and 32 images or one.

#include "kernels/kernels.h"

#include <benchmark/benchmark.h>

#include <string>

#include "engine/fused/denormals.h"
#include "engine/fused/sparse_input.h"
#include "kernels/select.h"
#include "numeric/buffer.h"
#include "snn/numeric/random.h"
#include "snn/text/error.h"

namespace snn::kernels {
namespace {

using fused::SparseInput;
using snn::Buffer;

constexpr int kLanes = 64;
constexpr std::int64_t kPixels = 784, kHidden = 500, kSteps = 25, kImages = 32;
constexpr double kPixelDensity = 0.19, kSpikeDensity = 0.26;
constexpr std::int64_t kWords = (kHidden + kGroup - 1) / kGroup;
constexpr std::int64_t kPadded = kWords * kGroup;

RandomStream& random_numbers() {
  static RandomStream stream(1, Purpose::kEncoding, 0, 0);
  return stream;
}

bool happens(double probability) {
  return static_cast<double>(random_numbers().uniform()) < probability;
}

Buffer<float> numbers(std::int64_t size, double density = 1) {
  Buffer<float> buffer(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) {
    buffer.data()[i] = happens(density) ? 2 * random_numbers().uniform() - 1 : 0;
  }
  return buffer;
}

Buffer<float> constant(std::int64_t size, float value) {
  Buffer<float> buffer(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) buffer.data()[i] = value;
  return buffer;
}

SparseInput pictures() {
  SparseInput input;
  const Buffer<float> values = numbers(kImages * kPixels, kPixelDensity);
  input.begin({kImages, kSteps, kPixels, /*is_sequence=*/false});
  input.read_part(0, values.data());
  input.list_columns();
  return input;
}

void rows_forward(benchmark::State& state, const Kernels& kernels) {
  const SparseInput input = pictures();
  const Buffer<float> weights = numbers((kPixels + 1) * kLanes);
  Buffer<float> currents(kImages * kLanes);
  for (auto _ : state) {
    kernels.rows_forward(kLanes, weights.data(), kPixels, input.rows(), 0, kImages,
                         currents.data());
  }
}

void rows_gradient(benchmark::State& state, const Kernels& kernels) {
  const SparseInput input = pictures();
  const Buffer<float> of_currents = numbers(kImages * kLanes);
  Buffer<float> gradient(kPixels * kLanes);
  for (auto _ : state) {
    kernels.rows_gradient(kLanes, input.column_entries(), input.column_offsets(), kPixels,
                          of_currents.data(), gradient.data());
  }
}

// Times a small number of neurons, as in an output layer.
void spikes_forward_to(int neurons, benchmark::State& state, const Kernels& kernels) {
  constexpr std::int64_t kRows = kImages * kSteps;
  constexpr std::ptrdiff_t kStride = kRows * kMasksOfBlock;
  const int lanes = (neurons + kGroup - 1) / kGroup * kGroup;
  Buffer<std::uint16_t> masks((kHidden + kBlock - 1) / kBlock * kStride);
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t k = 0; k < kHidden; ++k) {
      const int bit = happens(kSpikeDensity) ? 1 << (k % kGroup) : 0;
      masks.data()[k / kBlock * kStride + r * kMasksOfBlock + k % kBlock / kGroup] |=
          static_cast<std::uint16_t>(bit);
    }
  }
  const Buffer<float> weights = numbers((kHidden + 1) * lanes);
  Buffer<float> currents(static_cast<std::size_t>(kRows * lanes)), scratch(kScratchFloats);
  for (auto _ : state) {
    kernels.spikes_forward(lanes, neurons, weights.data(), kHidden, masks.data(), kStride, kRows,
                           currents.data(), scratch.data());
  }
}
void spikes_forward(benchmark::State& state, const Kernels& kernels) {
  spikes_forward_to(kLanes, state, kernels);
}
void spikes_forward_to_10(benchmark::State& state, const Kernels& kernels) {
  spikes_forward_to(10, state, kernels);
}

void spikes_gradient(benchmark::State& state, const Kernels& kernels) {
  constexpr std::int64_t kInputs = 4 * kBlock;
  Buffer<std::uint32_t> words(kPadded);
  Buffer<std::uint16_t> active(kInputs);
  std::uint16_t counts[kInputs / kBlock] = {};
  for (std::int64_t k = 0; k < kInputs; ++k) {
    if (!happens(0.5)) continue;
    for (int t = 0; t < kSteps; ++t) {
      words.data()[k] |= static_cast<std::uint32_t>(happens(2 * kSpikeDensity)) << t;
    }
    const std::int64_t block = k / kBlock;
    active.data()[block * kBlock + counts[block]++] = static_cast<std::uint16_t>(k);
  }
  const Buffer<float> of_currents = numbers(kSteps * kLanes);
  Buffer<float> gradient(kInputs * kLanes), table(kScratchFloats);
  for (auto _ : state) {
    kernels.spikes_gradient(kLanes, kSteps, of_currents.data(), words.data(), kPadded,
                            active.data(), counts, 1, kInputs / kBlock, gradient.data(),
                            table.data());
  }
}

void multiply(benchmark::State& state, const Kernels& kernels) {
  const Buffer<float> left = numbers(kSteps * kBlock), right = numbers(kBlock * kLanes);
  Buffer<float> product(kSteps * kLanes);
  for (auto _ : state) {
    kernels.multiply(kLanes, kSteps, kBlock, left.data(), kBlock, right.data(), product.data(),
                     false);
  }
  state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * kSteps * kBlock * kLanes,
                                                 benchmark::Counter::kIsIterationInvariantRate);
}

void multiply_slopes(benchmark::State& state, const Kernels& kernels) {
  constexpr std::int64_t kClasses = 10;
  const Buffer<float> left = numbers(kSteps * kGroup), right = numbers(kClasses * kLanes);
  const Buffer<float> slopes = numbers(kSteps * kLanes);
  Buffer<float> total(kLanes);
  for (auto _ : state) {
    kernels.multiply_slopes(kLanes, kSteps, kClasses, left.data(), kGroup, right.data(),
                            slopes.data(), total.data(), false);
  }
}

void add_rows(benchmark::State& state, const Kernels& kernels) {
  const Buffer<float> values = numbers(kImages * kLanes);
  Buffer<float> sums(kLanes), squares(kLanes);
  for (auto _ : state) {
    kernels.add_rows(kLanes, kImages, values.data(), sums.data(), squares.data());
  }
}

void transpose(benchmark::State& state, const Kernels& kernels) {
  const Buffer<float> from = numbers(kBlock * kLanes);
  Buffer<float> to(kBlock * kLanes);
  for (auto _ : state) {
    kernels.transpose(kBlock, kLanes, from.data(), kLanes, to.data(), kBlock);
  }
}

void list_active(benchmark::State& state, const Kernels& kernels) {
  Buffer<std::uint32_t> words(kLanes);
  Buffer<std::uint16_t> active(kLanes);
  for (int n = 0; n < kLanes; ++n) words.data()[n] = happens(0.5) ? 1 : 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        kernels.list_active(kLanes, words.data(), kLanes, 1, 0, active.data()));
  }
}

struct Neurons {
  Buffer<float> beta = constant(kLanes, 0.95F), threshold = constant(kLanes, 1);
  Buffer<float> current = numbers(kSteps * kLanes);
  NeuronBlock block = {Model::kLeaky,
                       kLanes,
                       kSteps,
                       Reset::kSubtract,
                       ResetTiming::kDelayed,
                       Surrogate{},
                       {threshold.data(), beta.data()}};
};

void neurons_forward(benchmark::State& state, const Kernels& kernels) {
  const Neurons neurons;
  Buffer<std::uint16_t> masks(kSteps * kLanes / kGroup);
  Buffer<std::uint32_t> words(kLanes);
  NeuronRecord record{};
  record.masks = masks.data();
  record.masks_stride = kLanes / kGroup;
  record.words = words.data();
  record.words_stride = kLanes;
  for (auto _ : state) {
    kernels.neurons_forward(neurons.block, neurons.current.data(), 0, record);
  }
}

void neurons_backward(benchmark::State& state, const Kernels& kernels) {
  const Neurons neurons;
  const Buffer<float> of_spikes = numbers(kSteps * kLanes);
  Buffer<float> gradient(kLanes), sums(2 * kLanes), scratch(kReplayArrays * kSteps * kLanes);
  const NeuronGradients gradients = {of_spikes.data(), kLanes, nullptr, 0};
  const NeuronSums totals = {sums.data(), sums.data() + kLanes, {}};
  for (auto _ : state) {
    kernels.neurons_backward(neurons.block, neurons.current.data(), 0, gradients, gradient.data(),
                             totals, scratch.data());
  }
}

void neuron_slopes(benchmark::State& state, const Kernels& kernels) {
  const Neurons neurons;
  Buffer<float> slopes(2 * kSteps * kLanes);
  for (auto _ : state) {
    kernels.neuron_slopes(neurons.block, neurons.current.data(), slopes.data());
  }
}

void rows_update(benchmark::State& state, const Kernels& kernels) {
  const SparseInput input = pictures();
  const Buffer<float> of_currents = numbers(kImages * kLanes);
  constexpr std::size_t kSize = kPixels * kLanes;
  Buffer<float> parameters(kSize), first(kSize), second(kSize);
  for (auto _ : state) {
    kernels.rows_update(UpdateRule{}, kLanes, input.column_entries(), input.column_offsets(),
                        kPixels, of_currents.data(), parameters.data(), first.data(),
                        second.data());
  }
}

void update(benchmark::State& state, const Kernels& kernels) {
  constexpr std::int64_t kCount = 112 * kLanes;
  const Buffer<float> gradient = numbers(kCount);
  Buffer<float> parameters = numbers(kCount), first(kCount), second(kCount);
  UpdateRule rule;
  rule.rate = 1e-3F;
  for (auto _ : state) {
    kernels.update(rule, kCount, gradient.data(), parameters.data(), first.data(), second.data());
  }
}

void sum_of_squares(benchmark::State& state, const Kernels& kernels) {
  constexpr std::int64_t kCount = 112 * kLanes;
  const Buffer<float> values = numbers(kCount);
  for (auto _ : state) benchmark::DoNotOptimize(kernels.sum_of_squares(kCount, values.data()));
}

void loss(benchmark::State& state, const Kernels& kernels) {
  const Buffer<float> spikes = constant(kSteps * kGroup, 0), membrane = numbers(kSteps * kGroup);
  Buffer<float> gradient(kSteps * kGroup), scratch(2 * kGroup);
  const LossImage image = {kSteps, 10,     kGroup,          spikes.data(), membrane.data(),
                           3,      0.008F, gradient.data(), scratch.data()};
  for (auto _ : state) benchmark::DoNotOptimize(kernels.loss(LossTerm{}, image));
}

void register_all() {
  using Function = void (*)(benchmark::State&, const Kernels&);
  const std::pair<const char*, Function> functions[] = {
      {"rows_forward", rows_forward},
      {"rows_gradient", rows_gradient},
      {"spikes_forward", spikes_forward},
      {"spikes_forward_to_10", spikes_forward_to_10},
      {"spikes_gradient", spikes_gradient},
      {"multiply", multiply},
      {"multiply_slopes", multiply_slopes},
      {"add_rows", add_rows},
      {"transpose", transpose},
      {"list_active", list_active},
      {"neurons_forward", neurons_forward},
      {"neurons_backward", neurons_backward},
      {"neuron_slopes", neuron_slopes},
      {"rows_update", rows_update},
      {"update", update},
      {"sum_of_squares", sum_of_squares},
      {"loss", loss}};
  for (const auto& [name, function] : functions) {
    for (const Simd simd : {Simd::kAvx512, Simd::kAvx2, Simd::kGeneric}) {
      try {
        const Kernels& kernels = select(simd);
        benchmark::RegisterBenchmark((std::string(name) + "/" + std::string(kernels.name)).c_str(),
                                     function, std::cref(kernels));
      } catch (const Error&) {
        // not supported by this processor
      }
    }
  }
}

}  // namespace
}  // namespace snn::kernels

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const snn::fused::FlushDenormals flush;
  snn::kernels::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
