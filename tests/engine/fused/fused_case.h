#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "snn/engine/fused.h"
#include "snn/network/loss.h"
#include "snn/network/network.h"
#include "snn/numeric/random.h"
#include "snn/text/error.h"

/// Cases that the fused and the reference computation are compared on.
namespace snn {

using torch::Tensor;

inline constexpr Simd kAllSimd[] = {Simd::kAvx512, Simd::kAvx2, Simd::kGeneric};

inline bool is_there(Simd simd) {
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
  Pass pass;
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

inline const std::vector<Surrogate> kSurrogates = {
    Surrogate::atan(),         Surrogate::fast_sigmoid(5),     Surrogate::sigmoid(5),
    Surrogate::triangular(.2), Surrogate::straight_through(),  Surrogate::spike_rate_escape(1, 3),
    Surrogate::sfs(2, 0.5),    Surrogate::spike_operator(),    Surrogate::lso(0.2),
    Surrogate::boxcar(0.8),    Surrogate::gaussian(0.4),       Surrogate::multi_gaussian(),
    Surrogate::erf(1.5),       Surrogate::leaky_relu(0.8, 0.1)};

inline LeakyOptions draw_neuron(Draw& draw, std::int64_t neurons) {
  // Values beyond 1 test the clamp.
  return LeakyOptions(draw.values(neurons, 0.5, 1.05))
      .threshold(draw.values(neurons, 0.3, 1.2))
      .learn_beta(draw.coin())
      .learn_threshold(draw.coin())
      .reset(draw.of<Reset>({Reset::kSubtract, Reset::kZero, Reset::kNone}))
      .reset_delay(draw.coin())
      .surrogate(draw.of(kSurrogates));
}

inline const std::vector<Loss> kLosses = {Loss::ce_membrane(),      Loss::ce_rate(),
                                          Loss::ce_count(),         Loss::ce_max_membrane(),
                                          Loss::mse_count(0.8, .2), Loss::mse_membrane(1.2, 0.1)};

inline Case draw_case(std::uint64_t seed) {
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
inline Network make_network(const Case& drawn) {
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

inline Found finish(const Case& drawn, Network& network, const NetworkOutput& output) {
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
inline Found by_reference(const Case& drawn, torch::Dtype dtype = torch::kDouble) {
  Network network = make_network(drawn);
  network->to(dtype);
  const Tensor input = drawn.input.to(dtype);
  return finish(drawn, network,
                drawn.is_sequence ? network->forward(Sequence::varying(input), drawn.pass)
                                  : network->forward(input, drawn.steps, drawn.pass));
}

inline Found by_kernels(const Case& drawn, Simd simd, int threads = 1) {
  Network network = make_network(drawn);
  const int before = torch::get_num_threads();
  torch::set_num_threads(threads);
  FusedForward forward(network, {.simd = simd, .record_layers = true});
  Found found = finish(drawn, network,
                       drawn.is_sequence ? forward(Sequence::varying(drawn.input), drawn.pass)
                                         : forward(drawn.input, drawn.steps, drawn.pass));
  torch::set_num_threads(before);
  return found;
}

// The distance in the Frobenius norm, relative to the norm, or to `least` if that is larger.
inline double relative_distance(const Tensor& found, const Tensor& expected, double least) {
  const double distance = (found.to(torch::kDouble) - expected).norm().item<double>();
  return distance == 0 ? 0 : distance / std::max(expected.norm().item<double>(), least);
}

// Over many steps of backpropagation a gradient may overflow a float.
inline bool is_finite(const Found& found) {
  return std::all_of(found.gradients.begin(), found.gradients.end(), [](const auto& gradient) {
    return gradient.second.isfinite().all().template item<bool>();
  });
}

inline bool has_equal_spikes(const Found& found, const Found& expected) {
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
inline void expect_close(const Found& found, const Found& expected, const Found& in_floats,
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

}  // namespace snn
