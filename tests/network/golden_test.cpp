// Tests every case of the golden vectors, which were made with snnTorch itself. A case that is not
// yet supported is listed in kNotCovered; an unsupported case that is not listed fails.

#include "support/golden.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cctype>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "engine/optimizer.h"
#include "snn/data/encoding.h"
#include "snn/engine/fused.h"
#include "snn/network/loss.h"
#include "snn/network/network.h"
#include "snn/network/neurons.h"
#include "snn/network/regularizer.h"
#include "snn/network/surrogate.h"
#include "snn/text/error.h"

namespace snn {
namespace {

using nlohmann::json;
using torch::Tensor;

// Convolutional recurrence comes later, with convolution.
const std::set<std::string> kNotCovered = {"neuron RLeaky with conv2d_channels",
                                           "neuron RSynaptic with conv2d_channels",
                                           "neuron SConv2dLSTM"};

// Reports the cases that were not covered; each must be on the list.
class Coverage {
 public:
  void skip(const std::string& what) {
    EXPECT_TRUE(kNotCovered.count(what)) << what << " is neither covered nor listed";
    ++skipped_[what];
  }
  ~Coverage() {
    for (const auto& [what, count] : skipped_) {
      std::cout << "not covered yet: " << what << " (" << count << " cases)\n";
    }
  }

 private:
  std::map<std::string, int> skipped_;
};

std::string label(const json& golden, std::size_t index, const std::string& name) {
  return name + " case " + std::to_string(index) + " " + golden.value("params", json()).dump();
}

double parameter(const json& params, const char* name, double fallback) {
  return params.is_object() ? params.value(name, fallback) : fallback;
}

std::optional<Surrogate> surrogate_of(const std::string& name, const json& params) {
  if (name == "atan") return Surrogate::atan(parameter(params, "alpha", 2));
  if (name == "fast_sigmoid") return Surrogate::fast_sigmoid(parameter(params, "slope", 25));
  if (name == "sigmoid") return Surrogate::sigmoid(parameter(params, "slope", 25));
  if (name == "triangular") return Surrogate::triangular(parameter(params, "threshold", 1));
  if (name == "straight_through_estimator") return Surrogate::straight_through();
  if (name == "heaviside") return Surrogate::spike_operator();
  if (name == "spike_rate_escape") {
    return Surrogate::spike_rate_escape(parameter(params, "beta", 1),
                                        parameter(params, "slope", 25));
  }
  if (name == "LSO") return Surrogate::lso(parameter(params, "slope", 0.1));
  if (name == "SFS") {
    return Surrogate::sfs(parameter(params, "slope", 25), parameter(params, "B", 1));
  }
  return std::nullopt;
}

TEST(Golden, Surrogates) {
  const json cases = golden::read("surrogates.json").at("cases");
  ASSERT_FALSE(cases.empty());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const json& golden = cases[i];
    const std::string name = golden.at("surrogate");
    const auto surrogate = surrogate_of(name, golden.at("params"));
    ASSERT_TRUE(surrogate) << name;
    const Tensor x = golden::tensor(golden.at("x")).requires_grad_();
    const Tensor spikes = spike(x, *surrogate);
    spikes.backward(golden::tensor(golden.at("grad_output")));
    golden::expect_equal(spikes.detach(), golden::tensor(golden.at("spikes")),
                         label(golden, i, name) + " spikes");
    golden::expect_near(x.grad(), golden::tensor(golden.at("grad_x")),
                        label(golden, i, name) + " gradient");
  }
}

// read() parses the value of an option of a case.
void read(const json& value, PerNeuron& option) {
  option = value.is_number() ? PerNeuron(value.get<double>())
                             : PerNeuron(value.at("data").get<std::vector<double>>());
}
void read(const json& value, bool& option) { option = value; }
void read(const json& value, std::int64_t& option) { option = value; }
void read(const json& value, StateQuant& option) {
  option = {value.value("uniform", true)        ? StateQuantKind::kUniform
            : value.value("thr_centered", true) ? StateQuantKind::kThresholdCentered
                                                : StateQuantKind::kZeroCentered,
            value.value("num_bits", 8.0), value.value("threshold", 1.0),
            value.value("lower_limit", 0.0), value.value("upper_limit", 0.2)};
}
void read(const json& value, Reset& option) {
  option = from_name<Reset>(value.get<std::string>()).value();
}

// The vectors' names of the kinds.
const std::map<std::string, std::string> kKinds = {
    {"Leaky", "leaky"},   {"Lapicque", "lapicque"},   {"Synaptic", "synaptic"},
    {"RLeaky", "rleaky"}, {"RSynaptic", "rsynaptic"}, {"SLSTM", "slstm"},
    {"Alpha", "alpha"},   {"PLIF", "plif"},           {"DeltaLeaky", "delta-leaky"}};

// The subject of a case, by its name in kNotCovered.
std::string subject_of(const json& golden) {
  const std::string name = golden.at("neuron");
  for (const std::string option : {"conv2d_channels"}) {
    if (golden.at("params").contains(option)) return "neuron " + name + " with " + option;
  }
  return "neuron " + name;
}

// The neurons of a case, if their kind exists.
std::optional<NeuronSpec> neuron_of(const json& golden) {
  const std::string name = golden.at("neuron");
  const auto known = kKinds.find(name);
  if (known == kKinds.end() || kNotCovered.count(subject_of(golden))) return std::nullopt;
  NeuronSpec neuron = default_neuron(from_name<NeuronKind>(known->second).value());
  const json& params = golden.at("params");
  std::set<std::string> unknown;
  for (const auto& item : params.items()) unknown.insert(item.key());
  // A remark, and what is not an option of ours.
  if (name == "PLIF") unknown.erase("reset_delay");
  for (const char* key : {"all_to_all", "linear_features", "input_size", "hidden_size"}) {
    unknown.erase(key);
  }
  const auto take = [&](const Field& field, auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Surrogate>) {
      const json& surrogate = golden.at("surrogate");
      value = surrogate_of(surrogate.at("name"), surrogate.at("params")).value();
    } else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Recurrence>) {
      value = params.value("all_to_all", true) ? Recurrence::kDense : Recurrence::kOneToOne;
    } else {
      // snnTorch's options have the names of its tensors, SpikingJelly's do not.
      for (const std::string& key : {tensor_name(field), with_underscores(field.name)}) {
        if (unknown.erase(key) > 0) read(params.at(key), value);
      }
    }
  };
  std::visit([&](auto& options) { visit_options(options, take); }, neuron);
  EXPECT_TRUE(unknown.empty()) << name << " has no option " << *unknown.begin();
  return neuron;
}

template <class Options>
auto module_of(const Options& options, const json& golden) {
  const Tensor input = golden::tensor(golden.at("input"));
  return make_neuron(options, Shape(input.sizes().begin() + 2, input.sizes().end()), Seeds{});
}
Slstm module_of(const SlstmOptions& options, const json& golden) {
  const json& params = golden.at("params");
  return Slstm(options, params.at("input_size").get<std::int64_t>(),
               params.at("hidden_size").get<std::int64_t>());
}

// How the makers of the vectors went from the state after a step to that before the next one.
template <class Neurons>
State next_state(const Neurons&, const State& after) {
  return after;
}
// They passed on snnTorch's states without the spikes, so that each took the place of the one
// before and the last, which was not passed, remained. The steps are snnTorch's all the same; how
// spikes come back is in recurrence_test.cpp.
State next_state(const Rleaky&, const State& after) { return {after[1], after[1]}; }
State next_state(const Rsynaptic&, const State& after) { return {after[1], after[2], after[2]}; }
// snnTorch's cell with more or fewer inputs than neurons begins each step at rest, by mistake. What
// ours remembers is compared with PyTorch's (slstm_test.cpp).
State next_state(const Slstm&, const State& after) {
  return {torch::zeros_like(after[0]), torch::zeros_like(after[1])};
}

template <class Neurons>
SequenceResult all_steps(const Neurons& neurons, const Tensor& input) {
  std::vector<Tensor> spikes, membranes;
  State state = neurons->initial_state(input.sizes().slice(1), input.options());
  for (const Tensor& current : input.unbind()) {
    const StepResult result = neurons->step(current, state);
    spikes.push_back(result.spikes);
    membranes.push_back(result.state.back());
    state = next_state(neurons, result.state);
  }
  return {torch::stack(spikes), torch::stack(membranes), state};
}

// Rounding shows in single gradients of Alpha, where those of both currents nearly cancel, and of
// recurrent neurons, whose membranes and gradients grow from step to step.
bool has_rough_gradients(const json& golden) {
  const std::set<std::string> rough = {"Alpha", "RLeaky", "RSynaptic"};
  return rough.count(golden.at("neuron").get<std::string>()) > 0;
}

void expect_gradient(const Tensor& found, const json& golden, bool is_rough,
                     const std::string& what) {
  const Tensor expected = golden::tensor(golden);
  if (is_rough) {
    EXPECT_TRUE(found.isfinite().all().item<bool>()) << what;
    golden::expect_near_as_a_whole(found.where(expected.isfinite(), torch::zeros_like(found)),
                                   expected.nan_to_num(0), what);
  } else {
    golden::expect_near_but_nan(found, expected, what);
  }
}

// Compares the outputs and gradients of neurons with a case.
template <class Neurons>
void expect_as_golden(Neurons neurons, const json& golden, const std::string& what) {
  const Tensor input = golden::tensor(golden.at("input")).requires_grad_();
  auto parameters = neurons->named_parameters();
  ASSERT_EQ(parameters.size(), golden.at("parameters").size()) << what;
  for (const auto& [name, value] : golden.at("parameters").items()) {
    ASSERT_TRUE(parameters.contains(name)) << what << name;
    const torch::NoGradGuard no_grad;
    parameters[name].copy_(golden::tensor(value));
  }
  const SequenceResult result = all_steps(neurons, input);
  golden::expect_equal(result.spikes.detach().ne(0), golden::tensor(golden.at("spikes")).ne(0),
                       what + "spikes");
  golden::expect_near(result.spikes.detach(), golden::tensor(golden.at("spikes")),
                      what + "spike values");
  golden::expect_near(result.membrane.detach(), golden::tensor(golden.at("mem")),
                      what + "membrane");
  ((result.spikes * golden::tensor(golden.at("grad_spikes"))).sum() +
   (result.membrane * golden::tensor(golden.at("grad_mem"))).sum())
      .backward();
  const bool is_rough = has_rough_gradients(golden);
  expect_gradient(input.grad(), golden.at("grad_input"), is_rough, what + "input gradient");
  ASSERT_EQ(parameters.size(), golden.at("grad_parameters").size()) << what;
  for (const auto& [name, gradient] : golden.at("grad_parameters").items()) {
    expect_gradient(parameters[name].grad(), gradient, is_rough, what + name + " gradient");
  }
}

TEST(Golden, Neurons) {
  Coverage coverage;
  for (const char* file : {"neurons.json", "neurons2.json"}) {
    const json cases = golden::read(file).at("cases");
    ASSERT_FALSE(cases.empty());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const json& golden = cases[i];
      const auto neuron = neuron_of(golden);
      if (!neuron) {
        coverage.skip(subject_of(golden));
        continue;
      }
      const std::string what =
          std::string(file) + " " + label(golden, i, golden.at("neuron")) + " ";
      std::visit(
          [&](const auto& options) { expect_as_golden(module_of(options, golden), golden, what); },
          *neuron);
    }
  }
}

// Runs the same neurons on the fused kernels, with weights that pass one input to each neuron.
TEST(Golden, NeuronsByTheFusedKernels) {
  const json cases = golden::read("neurons.json").at("cases");
  int covered = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const json& golden = cases[i];
    if (golden.at("neuron") != "Leaky") continue;
    const auto options = std::get<LeakyOptions>(neuron_of(golden).value());
    const std::string what = label(golden, i, "fused Leaky") + " ";
    const Tensor input = golden::tensor(golden.at("input"));
    const std::int64_t neurons = input.size(2);
    Network network(NetworkSpec{{neurons}, {{LinearSpec{neurons}, options}}});
    if (options.inhibition() || options.graded_spikes_factor() != PerNeuron(1.0) ||
        options.learn_graded_spikes_factor()) {
      EXPECT_THROW(FusedForward{network}, Error) << what;
      continue;
    }
    ++covered;
    auto parameters = network->named_parameters();
    {
      const torch::NoGradGuard no_grad;
      parameters["fc1.weight"].copy_(torch::eye(neurons));
      parameters["fc1.bias"].zero_();
    }
    FusedForward forward(network);
    const NetworkOutput output = forward(Sequence::varying(input));
    golden::expect_equal(output.spikes.detach(), golden::tensor(golden.at("spikes")),
                         what + "spikes");
    golden::expect_near(output.membrane.detach(), golden::tensor(golden.at("mem")),
                        what + "membrane");
    ((output.spikes * golden::tensor(golden.at("grad_spikes"))).sum() +
     (output.membrane * golden::tensor(golden.at("grad_mem"))).sum())
        .backward();
    // The gradient of the currents appears in the gradients of the weights, sum of gradient x
    // input, and of the biases.
    const Tensor of_currents = golden::tensor(golden.at("grad_input")).flatten(0, 1);
    golden::expect_near_as_a_whole(parameters["fc1.bias"].grad(), of_currents.sum(0),
                                   what + "bias gradient");
    golden::expect_near_as_a_whole(parameters["fc1.weight"].grad(),
                                   of_currents.t().mm(input.flatten(0, 1)),
                                   what + "weight gradient");
    for (const auto& [name, gradient] : golden.at("grad_parameters").items()) {
      golden::expect_near(parameters["lif1." + name].grad(), golden::tensor(gradient),
                          what + name + " gradient");
    }
  }
  EXPECT_GT(covered, 0);
}

TEST(Golden, LossesAndMetrics) {
  // The vectors do not state the parameters of the squared errors, but their gradients, 2 (x -
  // target) over the number of values, give counts 7 and 1 of 9 steps, and membranes 1.2 and 0.1.
  const std::map<std::string, Loss> losses = {{"ce_membrane_sum", Loss::ce_membrane()},
                                              {"ce_rate_loss", Loss::ce_rate()},
                                              {"ce_count_loss", Loss::ce_count()},
                                              {"ce_max_membrane_loss", Loss::ce_max_membrane()},
                                              {"mse_count_loss", Loss::mse_count(0.8, 0.2)},
                                              {"mse_membrane_loss", Loss::mse_membrane(1.2, 0.1)},
                                              {"ce_temporal_loss", Loss::ce_temporal()},
                                              // By default snnTorch's target is step 0 for every
                                              // class, whatever its documentation says.
                                              {"mse_temporal_loss", Loss::mse_temporal(0, 0)}};
  const std::map<std::string, std::function<double(const Tensor&, const Tensor&)>> metrics = {
      {"accuracy_rate", [](const auto& spikes, const auto& y) { return accuracy_rate(spikes, y); }},
      {"accuracy_temporal", accuracy_temporal}};
  const json cases = golden::read("losses.json").at("cases");
  std::set<std::string> covered;
  for (const json& golden : cases) {
    const Tensor input = golden::tensor(golden.at("input"));
    if (golden.contains("loss")) {
      const std::string name = golden.at("loss");
      const auto loss = losses.find(name);
      ASSERT_NE(loss, losses.end()) << name << " is not covered";
      covered.insert(name);
      // An output that a loss must not use is NaN.
      const Tensor other = torch::full_like(input, std::numeric_limits<float>::quiet_NaN());
      const Tensor variable = input.clone().requires_grad_();
      const bool of_spikes = golden.at("of") == "spk";
      const Tensor value =
          compute_loss(loss->second, of_spikes ? variable : other, of_spikes ? other : variable,
                       golden::labels(golden.at("targets")));
      value.backward();
      EXPECT_NEAR(value.item<double>(), golden.at("value").get<double>(),
                  1e-5 * std::abs(golden.at("value").get<double>()))
          << name;
      golden::expect_near(variable.grad(), golden::tensor(golden.at("grad_input")), name);
    } else if (golden.contains("metric")) {
      const std::string name = golden.at("metric");
      const auto metric = metrics.find(name);
      ASSERT_NE(metric, metrics.end()) << name << " is not covered";
      covered.insert(name);
      EXPECT_NEAR(metric->second(input, golden::labels(golden.at("targets"))),
                  golden.at("value").get<double>(), 1e-7)
          << name;
    } else {
      ASSERT_EQ(golden.at("regulariser"), "l1_rate_sparsity") << "is not covered";
      covered.insert("l1_rate_sparsity");
      // snnTorch sums over the batch.
      const double lambda = golden.at("params").at("Lambda");
      const Regularizer regularizer{{{RegularizerKind::kSpikes, {}, lambda}}};
      const double value = compute_regularizer(regularizer, {input}).item<double>();
      EXPECT_NEAR(value * static_cast<double>(input.size(1)), golden.at("value").get<double>(),
                  1e-6);
    }
  }
  EXPECT_EQ(covered.size(), losses.size() + metrics.size() + 1);
}

// The text of an encoder, whose parameters have snnTorch's names but for some; num_steps is apart.
std::string encoding_text(const json& golden) {
  const std::map<std::string, std::string> ours = {{"off_spike", "off-spikes"},
                                                   {"first_spike_time", "first"}};
  std::string text = golden.at("encoder");
  char separator = ':';
  for (const auto& [name, value] : golden.at("params").items()) {
    if (name == "num_steps") continue;
    text += separator + (ours.contains(name) ? ours.at(name) : name) + "=" + value.dump();
    separator = ',';
  }
  return text;
}

// An unknown encoder or parameter throws.
TEST(Golden, Encoders) {
  const json cases = golden::read("encoders.json").at("cases");
  ASSERT_FALSE(cases.empty());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const json& golden = cases[i];
    const Encoding encoding = parse_encoding(encoding_text(golden));
    const auto values = golden.at("input").at("data").get<std::vector<float>>();
    const Tensor expected = golden::tensor(golden.at("spikes"));
    const std::int64_t steps = expected.size(0);
    const bool is_sequence = kind_of(encoding) == EncodingKind::kDelta;
    const auto spikes =
        is_sequence ? encode_sequence(encoding, values, steps) : encode(encoding, values, steps);
    golden::expect_equal(torch::tensor(spikes).reshape(expected.sizes()), expected,
                         label(golden, i, golden.at("encoder")));
  }
}

// Trains a network like snnTorch, with the forward pass returned by `make_forward`. Other kernels
// round small gradients differently, and twenty steps of Adam, each of which divides by the
// magnitude of the gradient, amplify that: then the final weights are not compared one by one.
using Forward = std::function<NetworkOutput(const Tensor& input, std::int64_t steps)>;
void expect_training(const std::function<Forward(Network)>& make_forward, bool is_exact) {
  const json cases = golden::read("training.json").at("cases");
  ASSERT_FALSE(cases.empty());
  for (std::size_t index = 0; index < cases.size(); ++index) {
    const json& golden = cases[index];
    const std::string what = label(golden, index, "training") + " ";
    const auto widths = golden.at("arch").get<std::vector<std::int64_t>>();
    const json& surrogate = golden.at("surrogate");
    NetworkSpec spec{{widths.front()}, {}};
    for (std::size_t i = 1; i < widths.size(); ++i) {
      spec.layers.push_back(
          {LinearSpec{widths[i]},
           LeakyOptions(golden.at("beta").get<double>())
               .surrogate(surrogate_of(surrogate.at("name"), surrogate.at("params")).value())});
    }
    Network network(spec);
    auto parameters = network->named_parameters();
    NamedParameters trained;
    // "0.weight" in the vectors is our "fc1.weight".
    const auto find = [&](const std::string& name) -> Tensor& {
      return parameters["fc" + std::to_string(std::stoi(name) + 1) + name.substr(name.find('.'))];
    };
    for (const auto& [name, value] : golden.at("init").items()) {
      const torch::NoGradGuard no_grad;
      find(name).copy_(golden::tensor(value));
      trained.emplace_back(name, find(name));
    }
    const Forward forward = make_forward(network);
    Optimizer optimizer({}, trained);
    const double lr = golden.at("adam").at("lr");
    const Tensor x = golden::tensor(golden.at("x"));
    const Tensor targets = golden::labels(golden.at("targets"));
    const auto losses = golden.at("losses").get<std::vector<double>>();
    for (std::size_t step = 0; step < losses.size(); ++step) {
      const auto output = forward(x, golden.at("num_steps").get<std::int64_t>());
      const Tensor loss =
          compute_loss(Loss::ce_membrane(), output.spikes, output.membrane, targets);
      EXPECT_NEAR(loss.item<double>(), losses[step], 1e-5 * losses[step]) << what << step;
      std::vector<Tensor> variables;
      for (const auto& [name, parameter] : trained) variables.push_back(parameter);
      const std::vector<Tensor> gradients = torch::autograd::grad({loss}, variables);
      if (step == 0) {
        const json& first = golden.at("first_step");
        golden::expect_equal(output.spikes.detach(), golden::tensor(first.at("spikes")),
                             what + "spikes");
        golden::expect_near(output.membrane.detach(), golden::tensor(first.at("mem")),
                            what + "membrane");
        for (std::size_t i = 0; i < trained.size(); ++i) {
          const std::string& name = trained[i].first;
          golden::expect_near(gradients[i], golden::tensor(first.at("grads").at(name)),
                              what + name);
        }
      }
      optimizer.step(gradients, lr, norm_of(gradients).item<double>());
    }
    for (const auto& [name, value] : golden.at("final").items()) {
      const Tensor found = find(name).detach(), expected = golden::tensor(value);
      if (is_exact) golden::expect_near(found, expected, what + "final " + name);
      golden::expect_near_as_a_whole(found, expected, what + "final " + name, 1e-4);
    }
  }
}

TEST(Golden, Training) {
  const auto make_forward = [](Network network) -> Forward {
    return [network](const Tensor& input, std::int64_t steps) mutable {
      return network->forward(input, steps);
    };
  };
  expect_training(make_forward, /*is_exact=*/true);
}

TEST(Golden, TrainingByTheFusedKernels) {
  const auto make_forward = [](Network network) -> Forward {
    auto forward = std::make_shared<FusedForward>(network);
    return [forward](const Tensor& input, std::int64_t steps) { return (*forward)(input, steps); };
  };
  expect_training(make_forward, /*is_exact=*/false);
}

}  // namespace
}  // namespace snn
