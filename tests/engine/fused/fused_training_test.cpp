// Dropout and truncated backpropagation by the kernels.

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "engine/fused/fused_case.h"
#include "snn/engine/engine.h"
#include "support/error_of.h"

namespace snn {
namespace {

// A random network with dropout before each layer but the first.
Case draw_training(std::uint64_t seed) {
  Case drawn = draw_case(seed);
  Draw draw(1000 + seed);
  for (std::size_t i = 1; i < drawn.spec.layers.size(); ++i) {
    auto& chain = drawn.spec.layers[i].synapse;
    chain.insert(chain.begin(), DropoutSpec{draw.of<double>({0.2, 0.5, 0.9}), draw.coin()});
  }
  drawn.pass.is_training = true;
  drawn.pass.seed = seed;
  drawn.pass.epoch = 3;
  drawn.pass.window = draw.of<std::int64_t>({0, 1, 7, 30});
  drawn.text +=
      " window " + std::to_string(drawn.pass.window) + " " + layers_to_json(drawn.spec.layers);
  return drawn;
}

TEST(FusedTraining, AgreesWithTheReferenceOnRandomNetworksWithDropoutAndWindows) {
  constexpr std::uint64_t kCases = 90;
  std::uint64_t compared = 0, dropped = 0;
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    const Case drawn = draw_training(seed);
    const Found expected = by_reference(drawn);
    const Found in_floats = by_reference(drawn, torch::kFloat);
    const Simd simd = kAllSimd[seed % std::size(kAllSimd)];
    const Found found = by_kernels(drawn, is_there(simd) ? simd : Simd::kAuto);
    // See AgreesWithTheReferenceOnRandomNetworks.
    if (!has_equal_spikes(found, expected) || !has_equal_spikes(in_floats, expected)) continue;
    if (!is_finite(in_floats)) continue;
    ++compared;
    expect_close(found, expected, in_floats, drawn.text);
    Case whole = drawn;
    whole.pass = {};
    dropped += by_reference(whole).loss != expected.loss ? 1 : 0;
  }
  EXPECT_GE(compared, kCases * 8 / 10);
  EXPECT_GE(dropped, kCases / 3) << "dropout is to make a difference";
}

TEST(FusedTraining, GivesTheSameBitsForAnyNumberOfThreads) {
  for (std::uint64_t seed = 200; seed < 206; ++seed) {
    const Case drawn = draw_training(seed);
    const Found one = by_kernels(drawn, Simd::kAuto, 1), three = by_kernels(drawn, Simd::kAuto, 3);
    EXPECT_EQ(one.loss, three.loss) << drawn.text;
    for (std::size_t i = 0; i < one.gradients.size(); ++i) {
      const Tensor &a = one.gradients[i].second, &b = three.gradients[i].second;
      EXPECT_TRUE(torch::equal(a.nan_to_num(), b.nan_to_num())) << drawn.text;
    }
  }
}

TEST(FusedTraining, RefusesDropoutWhereTheKernelsHaveNone) {
  const auto error = [](const std::vector<SynapseSpec>& first,
                        const std::vector<SynapseSpec>& second) {
    EngineOptions options;
    options.network = {{2}, {{first, LeakyOptions()}, {second, LeakyOptions()}}};
    options.steps = 3;
    return error_of([&] { make_engine(EngineKind::kFused, options); });
  };
  const std::string start = "engine fused: it does not support ", end = "; use --engine reference";
  const SynapseSpec linear = LinearSpec{3}, dropout = DropoutSpec();
  EXPECT_EQ(error({dropout, linear}, {linear}), start + "dropout of the input (layer 1)" + end);
  EXPECT_EQ(error({linear}, {linear, dropout}),
            start + "a chain of other operations than dropout and linear (layer 2)" + end);
  EXPECT_EQ(error({linear}, {DelaySpec{2}, linear}), start + "delay (layer 2)" + end);
  EXPECT_EQ(error({linear}, {dropout, linear}), "no error");
}

}  // namespace
}  // namespace snn
