// The gradients of every kind of neurons against central differences, in double precision. The
// surrogate's derivative is 0 here, so that a spike is what it is, a constant between two jumps,
// and the gradient is the true one. How surrogates enter is compared with snnTorch
// (golden_test.cpp).

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <type_traits>
#include <vector>

#include "network/field_text.h"
#include "snn/network/network_spec.h"
#include "snn/network/neurons.h"

namespace snn {
namespace {

using torch::Tensor;

constexpr std::int64_t kNeurons = 3;

// Learns all that can be learned, with another value for each neuron, and a threshold that all
// kinds reach.
template <class Options>
Options learning(Options options) {
  options.fields(options, []([[maybe_unused]] const Field& field, auto& value, auto&... learn) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Surrogate>) {
      value = Surrogate::sfs(/*slope=*/25, /*b=*/1e9);  // 0 below b
    }
    if constexpr (sizeof...(learn) == 1) {
      const double first = field.name == "threshold" ? 0.1 : value.values.at(0);
      value = PerNeuron({first, 0.97 * first, 0.94 * first});
      ((learn = true), ...);
    }
  });
  return options;
}

// The other values of a field that choose what is computed.
template <class T>
std::vector<T> alternatives(const Field&, const T& value) {
  std::vector<T> all;
  if constexpr (std::is_same_v<T, bool>) all = {!value};
  if constexpr (std::is_same_v<T, std::int64_t>) all = {value + 3};
  if constexpr (std::is_enum_v<T>) {
    for (const auto& entry : Names<T>::table) all.push_back(entry.first);
  }
  return all;
}

// The options with each alternative of each field in turn.
template <class Options>
std::vector<Options> variants(const Options& options) {
  std::vector<Options> all = {options};
  options.fields(options, [&](const Field& field, const auto& value, const auto&...) {
    for (const auto& other : alternatives(field, value)) {
      Options changed = options;
      changed.fields(changed, [&](const Field& each, auto& place, auto&...) {
        if constexpr (std::is_same_v<std::decay_t<decltype(place)>,
                                     std::decay_t<decltype(other)>>) {
          if (each.name == field.name) place = other;
        }
      });
      if constexpr (requires { changed.problem(); }) {
        if (!changed.problem().empty()) continue;
      }
      all.push_back(changed);
    }
  });
  return all;
}

template <class Options>
void expect_gradients(const Options& options) {
  torch::manual_seed(2);
  const std::string what = std::string(Options::kName) + " " + fields_text(options);
  auto neurons = make_neuron(options, Shape{kNeurons}, Seeds{});
  neurons->to(torch::kDouble);
  const Tensor input = (torch::randn({10, 2, kNeurons}, torch::kDouble) + 0.5).requires_grad_();
  const Tensor of_spikes = torch::randn_like(input), of_membrane = torch::randn_like(input);
  bool has_spiked = false;
  const auto loss = [&] {
    const auto result = neurons->sequence(
        Sequence::varying(input), neurons->initial_state({2, kNeurons}, input.options()), true);
    has_spiked = result.spikes.detach().ne(0).any().template item<bool>();
    const Tensor membrane = result.membrane.defined() ? result.membrane : result.spikes;
    return (result.spikes * of_spikes + membrane * of_membrane).sum();
  };
  std::vector<Tensor> variables = neurons->parameters();
  variables.push_back(input);
  const std::vector<Tensor> gradients =
      torch::autograd::grad({loss()}, variables, {}, /*retain_graph=*/false, /*create_graph=*/false,
                            /*allow_unused=*/true);
  EXPECT_TRUE(has_spiked) << what;
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor values = variables[i].view(-1);
    for (std::int64_t k = 0; k < values.numel(); ++k) {
      const double value = values[k].item<double>();
      const auto at = [&](double moved) {
        values[k] = moved;
        return loss().template item<double>();
      };
      const double expected = (at(value + kStep) - at(value - kStep)) / (2 * kStep);
      values[k] = value;
      const double found = gradients[i].defined() ? gradients[i].view(-1)[k].item<double>() : 0;
      EXPECT_NEAR(found, expected, 1e-6 * (1 + std::abs(expected)))
          << what << ": variable " << i << " value " << k;
    }
  }
}

TEST(Gradients, AreTheCentralDifferencesForEveryKind) {
  for (const auto& entry : Names<NeuronKind>::table) {
    std::visit(
        [](const auto& options) {
          for (const auto& each : variants(learning(options))) expect_gradients(each);
        },
        default_neuron(entry.first));
  }
}

}  // namespace
}  // namespace snn
