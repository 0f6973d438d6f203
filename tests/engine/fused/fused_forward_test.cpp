#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "snn/engine/fused.h"
#include "snn/network/loss.h"
#include "snn/network/network.h"
#include "snn/numeric/random.h"
#include "snn/text/error.h"

namespace snn {
namespace {

using torch::Tensor;

constexpr Simd kAllSimd[] = {Simd::kAvx512, Simd::kAvx2, Simd::kGeneric};

bool is_there(Simd simd) {
  try {
    FusedForward(Network(NetworkSpec{{1}, {{LinearSpec{1}, LeakyOptions()}}}), {.simd = simd});
    return true;
  } catch (const Error&) {
    return false;
  }
}

// A network, an input and a loss for both computations.
struct Case {
  NetworkSpec spec;
  Loss loss;
  Tensor input;  // float32
  bool is_sequence = false;
  std::int64_t steps = 0;
  Tensor targets;
  std::optional<double> threshold;  // of the first layer; overrides the specification
  std::string text;
};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed, Purpose::kEncoding, 0, 0) {}

  std::uint32_t below(std::uint32_t bound) { return random_.below(bound); }
  bool coin() { return below(2) == 1; }
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(random_.uniform());
  }
  template <class T>
  T of(const std::vector<T>& values) {
    return values[below(static_cast<std::uint32_t>(values.size()))];
  }
  PerNeuron values(std::int64_t count, double low, double high) {
    std::vector<double> all(coin() ? 1 : static_cast<std::size_t>(count));
    for (double& value : all) value = between(low, high);
    return all;
  }
  // A tensor of `shape` with values in [0, 1], most of them 0.
  Tensor picture(std::vector<std::int64_t> shape, double density) {
    Tensor tensor = torch::zeros(shape);
    float* value = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
      if (between(0, 1) < density) value[i] = static_cast<float>(between(0, 1));
    }
    return tensor;
  }

 private:
  RandomStream random_;
};

const std::vector<Surrogate> kSurrogates = {
    Surrogate::atan(),         Surrogate::fast_sigmoid(5),     Surrogate::sigmoid(5),
    Surrogate::triangular(.2), Surrogate::straight_through(),  Surrogate::spike_rate_escape(1, 3),
    Surrogate::sfs(2, 0.5),    Surrogate::spike_operator(),    Surrogate::lso(0.2),
    Surrogate::boxcar(0.8),    Surrogate::gaussian(0.4),       Surrogate::multi_gaussian(),
    Surrogate::erf(1.5),       Surrogate::leaky_relu(0.8, 0.1)};

LeakyOptions draw_neuron(Draw& draw, std::int64_t neurons) {
  // Values beyond 1 test the clamp.
  return LeakyOptions(draw.values(neurons, 0.5, 1.05))
      .threshold(draw.values(neurons, 0.3, 1.2))
      .learn_beta(draw.coin())
      .learn_threshold(draw.coin())
      .reset(draw.of<Reset>({Reset::kSubtract, Reset::kZero, Reset::kNone}))
      .reset_delay(draw.coin())
      .surrogate(draw.of(kSurrogates));
}

const std::vector<Loss> kLosses = {Loss::ce_membrane(),      Loss::ce_rate(),
                                   Loss::ce_count(),         Loss::ce_max_membrane(),
                                   Loss::mse_count(0.8, .2), Loss::mse_membrane(1.2, 0.1)};

Case draw_case(std::uint64_t seed) {
  Draw draw(seed);
  Case drawn;
  const std::int64_t inputs = draw.of<std::int64_t>({3, 40, 130, 300});
  drawn.spec.sample_shape = {inputs};
  const std::uint32_t depth = 1 + draw.below(3);
  for (std::uint32_t i = 0; i < depth; ++i) {
    const bool is_last = i + 1 == depth;
    const std::int64_t width = is_last ? draw.of<std::int64_t>({2, 10, 17, 70})
                                       : draw.of<std::int64_t>({1, 16, 33, 65, 130});
    drawn.spec.layers.push_back({LinearSpec{width, draw.below(4) > 0}, draw_neuron(draw, width)});
  }
  drawn.steps = draw.of<std::int64_t>({1, 5, 25, 30, 31, 70});
  drawn.is_sequence = draw.below(3) == 0;
  const std::int64_t samples = draw.of<std::int64_t>({1, 7, 33});
  const double density = draw.of<double>({0.05, 0.3, 1.0});
  drawn.input = drawn.is_sequence ? draw.picture({drawn.steps, samples, inputs}, density)
                                  : draw.picture({samples, inputs}, density);
  // After many steps a membrane potential converges, and rounding decides which of its values is
  // the largest.
  do {
    drawn.loss = draw.of(kLosses);
  } while (drawn.loss.terms[0].kind == LossKind::kCeMaxMembrane && drawn.steps > 5);
  const auto classes = static_cast<std::uint32_t>(output_count(drawn.spec));
  std::vector<std::int64_t> targets(static_cast<std::size_t>(samples));
  for (std::int64_t& target : targets) target = draw.below(classes);
  drawn.targets = torch::tensor(targets);
  drawn.text = "seed " + std::to_string(seed) + ": " + summary_of(drawn.spec) + " T " +
               std::to_string(drawn.steps) + " B " + std::to_string(samples) +
               (drawn.is_sequence ? " sequence " : " constant ") + to_string(drawn.loss);
  return drawn;
}

// The weights are large enough for every layer to spike.
Network make_network(const Case& drawn) {
  Network network(drawn.spec, 3);
  const torch::NoGradGuard no_grad;
  for (auto& item : network->named_parameters()) {
    if (item.key().rfind("fc", 0) == 0) item.value().mul_(2.5);
    if (item.key() == "lif1.threshold" && drawn.threshold) item.value().fill_(*drawn.threshold);
  }
  return network;
}

struct Found {
  double loss = 0;
  std::vector<Tensor> layer_spikes;
  Tensor membrane;
  std::vector<std::pair<std::string, Tensor>> gradients;
};

Found finish(const Case& drawn, Network& network, const NetworkOutput& output) {
  Found found;
  const Tensor loss = compute_loss(drawn.loss, output.spikes, output.membrane, drawn.targets);
  found.loss = loss.item<double>();
  for (const Tensor& spikes : output.layer_spikes) found.layer_spikes.push_back(spikes.detach());
  found.membrane = output.membrane.detach();
  const auto parameters = network->named_parameters();
  const auto gradients = torch::autograd::grad({loss}, parameters.values(), {}, false, false, true);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const Tensor& gradient = gradients[i];
    found.gradients.emplace_back(
        parameters.keys()[i],
        gradient.defined() ? gradient : torch::zeros_like(parameters.values()[i]));
  }
  return found;
}

// The reference implementation, in double precision the ground truth for the kernels.
Found by_reference(const Case& drawn, torch::Dtype dtype = torch::kDouble) {
  Network network = make_network(drawn);
  network->to(dtype);
  const Tensor input = drawn.input.to(dtype);
  return finish(drawn, network,
                drawn.is_sequence ? network->forward(Sequence::varying(input))
                                  : network->forward(input, drawn.steps));
}

Found by_kernels(const Case& drawn, Simd simd, int threads = 1) {
  Network network = make_network(drawn);
  const int before = torch::get_num_threads();
  torch::set_num_threads(threads);
  FusedForward forward(network, {.simd = simd, .record_layers = true});
  Found found = finish(drawn, network,
                       drawn.is_sequence ? forward(Sequence::varying(drawn.input))
                                         : forward(drawn.input, drawn.steps));
  torch::set_num_threads(before);
  return found;
}

// The distance in the Frobenius norm, relative to the norm, or to `least` if that is larger.
double relative_distance(const Tensor& found, const Tensor& expected, double least) {
  const double distance = (found.to(torch::kDouble) - expected).norm().item<double>();
  return distance == 0 ? 0 : distance / std::max(expected.norm().item<double>(), least);
}

// Over many steps of backpropagation a gradient may overflow a float.
bool is_finite(const Found& found) {
  return std::all_of(found.gradients.begin(), found.gradients.end(), [](const auto& gradient) {
    return gradient.second.isfinite().all().template item<bool>();
  });
}

bool has_equal_spikes(const Found& found, const Found& expected) {
  for (std::size_t i = 0; i < expected.layer_spikes.size(); ++i) {
    if (!torch::equal(found.layer_spikes[i].to(torch::kDouble), expected.layer_spikes[i])) {
      return false;
    }
  }
  return true;
}

// Expects loss, membrane potentials and gradients to agree to 1e-5, the engine's promise. If a
// gradient is the small difference of large numbers, the reference in single precision is no closer
// to the truth: then a few times its distance is allowed. A gradient of few values is compared
// relative to the largest gradient.
void expect_close(const Found& found, const Found& expected, const Found& in_floats,
                  const std::string& what) {
  constexpr double kTolerance = 1e-5, kTimes = 5;
  EXPECT_NEAR(found.loss, expected.loss, kTolerance * std::abs(expected.loss) + 1e-7) << what;
  EXPECT_LT(relative_distance(found.membrane, expected.membrane, 1e-3), kTolerance) << what;
  ASSERT_EQ(found.gradients.size(), expected.gradients.size());
  double largest = 0;
  for (const auto& [name, gradient] : expected.gradients) {
    largest = std::max(largest, gradient.abs().max().item<double>());
  }
  for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
    const auto& [name, gradient] = expected.gradients[i];
    const double of_floats = relative_distance(in_floats.gradients[i].second, gradient, largest);
    EXPECT_LT(relative_distance(found.gradients[i].second, gradient, largest),
              std::max(kTolerance, kTimes * of_floats))
        << name << " of " << what;
  }
}

TEST(FusedForward, AgreesWithTheReferenceForEveryResetAndSurrogate) {
  int compared = 0;
  for (const Reset reset : {Reset::kSubtract, Reset::kZero, Reset::kNone}) {
    for (const bool delay : {true, false}) {
      for (const Surrogate& surrogate : kSurrogates) {
        for (const bool learns : {false, true}) {
          Case drawn;
          drawn.spec.sample_shape = {12};
          for (const std::int64_t width : {20, 4}) {
            drawn.spec.layers.push_back({LinearSpec{width}, LeakyOptions(0.8)
                                                                .threshold(0.6)
                                                                .reset(reset)
                                                                .reset_delay(delay)
                                                                .surrogate(surrogate)
                                                                .learn_beta(learns)
                                                                .learn_threshold(learns)});
          }
          Draw draw(static_cast<std::uint64_t>(++compared));
          drawn.steps = 11;
          drawn.input = draw.picture({3, 12}, 0.7);
          drawn.targets = torch::tensor({0, 3, 1}, torch::kLong);
          drawn.text = std::string(name_of(reset)) + " delay " + std::to_string(delay) + " " +
                       to_string(surrogate) + " learns " + std::to_string(learns);
          const Found expected = by_reference(drawn);
          const Found in_floats = by_reference(drawn, torch::kFloat);
          for (const Simd simd : kAllSimd) {
            if (!is_there(simd)) continue;
            const Found found = by_kernels(drawn, simd);
            const std::string what = drawn.text + " " + std::string(name_of(simd));
            EXPECT_TRUE(has_equal_spikes(found, expected)) << what;
            expect_close(found, expected, in_floats, what);
          }
        }
      }
    }
  }
}

// Learning can move a threshold below zero, and neurons at rest then exceed it.
TEST(FusedForward, AgreesWithTheReferenceBelowAThresholdOfZero) {
  for (const Reset reset : {Reset::kSubtract, Reset::kZero, Reset::kNone}) {
    for (const bool delay : {true, false}) {
      Case drawn;
      drawn.spec.sample_shape = {12};
      for (const std::int64_t width : {20, 4}) {
        drawn.spec.layers.push_back(
            {LinearSpec{width},
             LeakyOptions(0.8).reset(reset).reset_delay(delay).learn_beta(true).learn_threshold(
                 true)});
      }
      drawn.steps = 9;
      drawn.input = Draw(5).picture({3, 12}, 0.7);
      drawn.targets = torch::tensor({0, 3, 1}, torch::kLong);
      drawn.threshold = -0.2;
      const Found expected = by_reference(drawn), found = by_kernels(drawn, Simd::kAuto);
      const std::string what = std::string(name_of(reset)) + " delay " + std::to_string(delay);
      EXPECT_TRUE(has_equal_spikes(found, expected)) << what;
      expect_close(found, expected, by_reference(drawn, torch::kFloat), what);
    }
  }
}

TEST(FusedForward, AgreesWithTheReferenceOnRandomNetworks) {
  constexpr std::uint64_t kCases = 120;
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    const Case drawn = draw_case(seed);
    const Found expected = by_reference(drawn);
    const Found in_floats = by_reference(drawn, torch::kFloat);
    const Simd simd = kAllSimd[seed % std::size(kAllSimd)];
    const Found found = by_kernels(drawn, is_there(simd) ? simd : Simd::kAuto);
    // If a membrane potential is within rounding of its threshold, it may fall on the other side of
    // it, and everything after it differs.
    if (!has_equal_spikes(found, expected) || !has_equal_spikes(in_floats, expected)) continue;
    if (!is_finite(in_floats)) continue;
    ++compared;
    expect_close(found, expected, in_floats, drawn.text);
  }
  EXPECT_GE(compared, kCases * 8 / 10);
}

TEST(FusedForward, GivesTheSameBitsForAnyNumberOfThreads) {
  for (std::uint64_t seed = 200; seed < 210; ++seed) {
    const Case drawn = draw_case(seed);
    const Found one = by_kernels(drawn, Simd::kAuto, 1), three = by_kernels(drawn, Simd::kAuto, 3);
    EXPECT_EQ(one.loss, three.loss) << drawn.text;
    for (std::size_t i = 0; i < one.gradients.size(); ++i) {
      const Tensor& gradient = one.gradients[i].second;
      EXPECT_TRUE(torch::allclose(gradient, three.gradients[i].second, 0, 0, /*equal_nan=*/true))
          << drawn.text;
    }
  }
}

std::ptrdiff_t threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(FusedForward, UsesTorchsThreads) {
#ifdef __clang__
  GTEST_SKIP() << "OpenMP is used with GCC alone";
#endif
  Network network(NetworkSpec{{40}, {{LinearSpec{200}, LeakyOptions(0.9)}}});
  FusedForward forward(network);
  const int before = torch::get_num_threads();
  std::ptrdiff_t started = 0;
  // A new thread, for which torch has started no workers yet.
  std::thread([&] {
    torch::set_num_threads(3);
    const Tensor images = torch::ones({64, 40});
    started = -threads_of_process();
    forward(images, 9);
    started += threads_of_process();
  }).join();
  torch::set_num_threads(before);
  EXPECT_EQ(started, 2);
}

TEST(FusedForward, GoesBackWithMoreThreadsThanForward) {
  const int threads = torch::get_num_threads();
  Network network(NetworkSpec{
      {40}, {{LinearSpec{200}, LeakyOptions(0.9)}, {LinearSpec{130}, LeakyOptions(0.9)}}});
  FusedForward forward(network);
  const auto gradient = [&](int of_forward, int of_backward) {
    torch::set_num_threads(of_forward);
    const Tensor sum = forward(torch::linspace(0, 1, 64 * 40).reshape({64, 40}), 9).membrane.sum();
    torch::set_num_threads(of_backward);
    return torch::autograd::grad({sum}, {network->named_parameters()["fc1.weight"]})[0];
  };
  const Tensor more = gradient(1, 16), same = gradient(1, 1);
  torch::set_num_threads(threads);
  EXPECT_TRUE(torch::equal(more, same));
}

TEST(FusedForward, TakesBytesForTheir255th) {
  Network network(NetworkSpec{{2, 3}, {{LinearSpec{4}, LeakyOptions()}}});
  FusedForward forward(network);
  const Tensor bytes = torch::arange(0, 240, 20).to(torch::kByte).reshape({2, 2, 3});
  const auto of_bytes = forward(bytes, 5), of_floats = forward(bytes.to(torch::kFloat) / 255, 5);
  EXPECT_TRUE(torch::equal(of_bytes.membrane, of_floats.membrane));
}

TEST(FusedForward, KeepsEachForwardPassForItsOwnBackwardPass) {
  Network network(
      NetworkSpec{{6}, {{LinearSpec{5}, LeakyOptions()}, {LinearSpec{3}, LeakyOptions()}}});
  FusedForward forward(network);
  const Tensor a = torch::linspace(0, 1, 12).reshape({2, 6}), b = 1 - a;
  const auto gradient_of = [&](const NetworkOutput& output) {
    return torch::autograd::grad({output.membrane.sum()},
                                 {network->named_parameters()["fc1.weight"]})[0];
  };
  const Tensor alone = gradient_of(forward(a, 7));
  const NetworkOutput first = forward(a, 7), second = forward(b, 9);
  {
    const torch::NoGradGuard no_grad;
    forward(b, 3);
  }
  const Tensor of_second = gradient_of(second), of_first = gradient_of(first);
  EXPECT_TRUE(torch::equal(of_first, alone));
  EXPECT_FALSE(torch::equal(of_second, alone));
}

TEST(FusedForward, RefusesASecondBackwardPass) {
  Network network(NetworkSpec{{2}, {{LinearSpec{3}, LeakyOptions()}}});
  FusedForward forward(network);
  const Tensor sum = forward(torch::ones({1, 2}), 5).membrane.sum();
  sum.backward({}, /*retain_graph=*/true);
  EXPECT_THROW(sum.backward(), c10::Error);
}

TEST(FusedForward, LearnsWithTorchsOptimiser) {
  Network network(NetworkSpec{
      {8},
      {{LinearSpec{16}, LeakyOptions(0.9).learn_beta(true)}, {LinearSpec{2}, LeakyOptions(0.9)}}});
  FusedForward forward(network);
  torch::optim::Adam optimizer(network->parameters(), 1e-2);
  const Tensor labels = torch::arange(64).remainder(2);
  Tensor images = torch::full({64, 8}, 0.1);
  images.view({64, 2, 4}).add_(torch::one_hot(labels, 2).unsqueeze(2) * 0.4);
  double first = 0, last = 0;
  for (int step = 0; step < 60; ++step) {
    const auto output = forward(images, 10);
    const Tensor loss = compute_loss(Loss::ce_membrane(), output.spikes, output.membrane, labels);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    last = loss.item<double>();
    if (step == 0) first = last;
  }
  EXPECT_LT(last, first / 2);
}

TEST(FusedForward, RefusesWhatItDoesNotCompute) {
  const auto make = [](const LeakyOptions& neuron) {
    return FusedForward(Network(NetworkSpec{{2}, {{LinearSpec{3}, neuron}}}));
  };
  EXPECT_THROW(make(LeakyOptions().inhibition(true)), Error);
  EXPECT_THROW(make(LeakyOptions().graded_spikes_factor(2)), Error);
  EXPECT_THROW(make(LeakyOptions().learn_graded_spikes_factor(true)), Error);
  FusedForward forward(Network(NetworkSpec{{2}, {{LinearSpec{3}, LeakyOptions()}}}));
  EXPECT_THROW(forward(torch::ones({1, 3}), 5), c10::Error);
  EXPECT_THROW(forward(torch::ones({1, 2}, torch::kDouble), 5), c10::Error);
  EXPECT_THROW(forward(torch::ones({0, 2}), 5), c10::Error) << "no sample";
}

}  // namespace
}  // namespace snn
