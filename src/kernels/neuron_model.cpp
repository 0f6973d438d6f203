#include "kernels/neuron_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "network/neurons/lapicque_circuit.h"

namespace snn::kernels {
namespace {

// An option itself.
ModelParameter option(int number, PerNeuron scale = 1.0) {
  return {.x = number,
          .scale = std::move(scale),
          .value = [](double x, double) { return x; },
          .of_x = [](double, double) { return 1.0; }};
}
ModelParameter constant(PerNeuron value) { return {.scale = std::move(value)}; }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double sigmoid_slope(double x, double) { return sigmoid(x) * sigmoid(-x); }

template <class Function>
PerNeuron each(const PerNeuron& a, const PerNeuron& b, const Function& function) {
  const std::size_t neurons = std::max(a.values.size(), b.values.size());
  std::vector<double> values;
  for (std::size_t n = 0; n < neurons; ++n) values.push_back(function(a.at(n), b.at(n)));
  return values;
}

ConstantTensor reset_mechanism(Reset reset) {
  return {"reset_mechanism_val", static_cast<double>(reset)};
}
ConstantTensor unit_spikes() { return {"graded_spikes_factor", 1.0}; }

// Model, reset, timing and surrogate of neurons with these options.
template <class Options>
NeuronModel spiking(Model model, const Options& options) {
  NeuronModel result;
  result.model = model;
  result.reset = options.reset();
  result.surrogate = options.surrogate();
  if constexpr (requires { options.reset_delay(); }) {
    if (!options.reset_delay()) result.timing = ResetTiming::kImmediate;
  }
  return result;
}

// With dense recurrence, which is a part of their current, or each neuron's own loop.
template <class Options>
NeuronModel recurrent(Model dense, Model looped, const Options& options) {
  const bool is_dense = options.recurrence() == Recurrence::kDense;
  NeuronModel model = spiking(is_dense ? dense : looped, options);
  model.is_recurrent = is_dense;
  model.learns_recurrence = is_dense && options.learn_recurrent();
  return model;
}

NeuronModel model_of(const LeakyOptions& options) {
  NeuronModel model = spiking(Model::kLeaky, options);
  model.parameters = {option(1), option(0)};
  model.constants = {reset_mechanism(options.reset())};
  return model;
}

NeuronModel model_of(const LapicqueOptions& options) {
  const LapicqueCircuit circuit = circuit_of(options);
  const PerNeuron rate =
      each(each(options.time_step(), circuit.resistance, [](double a, double b) { return a / b; }),
           circuit.capacitance, [](double a, double b) { return a / b; });
  NeuronModel model = spiking(Model::kDriven, options);
  model.parameters = {
      option(0), constant(each(rate, 1.0, [](double a, double b) { return b - a; })),
      constant(each(rate, circuit.resistance, [](double a, double b) { return a * b; }))};
  model.constants = {{"beta", options.beta()},
                     {"R", circuit.resistance},
                     {"C", circuit.capacitance},
                     {"time_step", options.time_step()},
                     unit_spikes(),
                     reset_mechanism(options.reset())};
  return model;
}

NeuronModel model_of(const PlifOptions& options) {
  NeuronModel model = spiking(Model::kDriven, options);
  model.timing = ResetTiming::kDetached;
  const ModelParameter decay = {.x = 0,
                                .value = [](double w, double) { return sigmoid(-w); },
                                .of_x = [](double w, double) { return -sigmoid_slope(w, 0); }};
  const ModelParameter rate = {
      .x = 0, .value = [](double w, double) { return sigmoid(w); }, .of_x = sigmoid_slope};
  model.parameters = {option(1), decay, options.decay_input() ? rate : constant(1.0)};
  return model;
}

NeuronModel model_of(const SynapticOptions& options) {
  NeuronModel model = spiking(Model::kSynaptic, options);
  model.parameters = {option(2), option(1), option(0)};
  model.constants = {unit_spikes(), reset_mechanism(options.reset())};
  return model;
}

NeuronModel model_of(const AlphaOptions& options) {
  NeuronModel model = spiking(Model::kAlpha, options);
  // ln a / (ln b - ln a) + 1 = ln b / (ln b - ln a)
  const ModelParameter tau = {
      .x = 0,
      .y = 1,
      .value = [](double a, double b) { return std::log(a) / (std::log(b) - std::log(a)) + 1; },
      .of_x =
          [](double a, double b) {
            const double gap = std::log(b) - std::log(a);
            return std::log(b) / (a * gap * gap);
          },
      .of_y =
          [](double a, double b) {
            const double gap = std::log(b) - std::log(a);
            return -std::log(a) / (b * gap * gap);
          }};
  model.parameters = {option(2), option(0), option(1), tau};
  model.constants = {unit_spikes(), reset_mechanism(options.reset())};
  return model;
}

NeuronModel model_of(const AdlifOptions& options) {
  NeuronModel model = spiking(Model::kAdaptive, options);
  model.timing = ResetTiming::kDetached;
  const PerNeuron& scale = options.adaptation_scale();
  model.parameters = {option(4), option(0), option(1), option(2, scale), option(3, scale)};
  model.constants = {{"adaptation_scale", scale}};
  return model;
}

NeuronModel model_of(const LiOptions&) {
  NeuronModel model;
  model.parameters = {constant(std::numeric_limits<double>::infinity()), option(0)};
  model.has_spikes = false;
  return model;
}

NeuronModel model_of(const StateLeakyOptions& options) {
  NeuronModel model;
  model.surrogate = options.surrogate();
  const ModelParameter decay = {
      .x = 0,
      .value = [](double tau, double) { return std::exp(-1 / tau); },
      .of_x = [](double tau, double) { return std::exp(-1 / tau) / (tau * tau); }};
  model.parameters = {option(1), decay};
  model.constants = {{"beta", options.beta()}, reset_mechanism(Reset::kSubtract)};
  return model;
}

NeuronModel model_of(const RleakyOptions& options) {
  NeuronModel model = recurrent(Model::kDriven, Model::kLooped, options);
  model.parameters = {option(1), option(0), model.is_recurrent ? constant(1.0) : option(2)};
  model.constants = {unit_spikes(), reset_mechanism(options.reset())};
  return model;
}

NeuronModel model_of(const RsynapticOptions& options) {
  NeuronModel model = recurrent(Model::kSynaptic, Model::kLoopedSynaptic, options);
  model.parameters = {option(2), option(1), option(0)};
  if (!model.is_recurrent) model.parameters.push_back(option(3));
  model.constants = {unit_spikes(), reset_mechanism(options.reset())};
  return model;
}

NeuronModel model_of(const DeltaLeakyOptions& options) {
  NeuronModel model;
  model.model = Model::kChanging;
  model.surrogate = options.surrogate();
  model.parameters = {constant(options.delta_threshold()), option(0)};
  model.constants = {{"threshold", 1.0}, unit_spikes(), reset_mechanism(Reset::kSubtract)};
  return model;
}

NeuronModel model_of(const LeakyParallelOptions& options) {
  NeuronModel model;
  model.model = Model::kRectified;
  model.surrogate = options.surrogate();
  model.parameters = {option(1), option(0), constant(0.0)};
  if (options.recurrent_bias()) {
    model.parameters[parameter::kBias] = option(3);
    model.drawn_bias =
        Field{.name = "bias-hh", .help = "Learned constant beside the synapse's bias"};
  }
  return model;
}

template <class Options>
constexpr bool kHasModel = requires(const Options& options) {
  model_of(options);
};

}  // namespace

bool NeuronModel::has_slopes() const {
  const bool is_linear = model == Model::kLeaky || model == Model::kDriven ||
                         model == Model::kSynaptic || model == Model::kAlpha;
  return is_linear && !is_recurrent && (reset == Reset::kNone || timing != ResetTiming::kImmediate);
}

std::string without_model(const NeuronSpec& neuron) {
  return std::visit(
      []<class Options>(const Options& options) -> std::string {
        if constexpr (!kHasModel<Options>) {
          return std::string(Options::kName) + " neurons";
        } else {
          if constexpr (requires { options.inhibition(); }) {
            if (options.inhibition()) return "inhibition";
          }
          if constexpr (requires { options.reset(); }) {
            if (options.reset() == Reset::kSubtractBeta) return "the reset subtract-beta";
          }
          if constexpr (requires { options.refractory(); }) {
            if (options.refractory() > 0) return "a refractory period";
          }
          if constexpr (requires { options.state_quant(); }) {
            if (options.state_quant().kind != StateQuantKind::kNone) return "state-quant";
          }
          if constexpr (requires { options.surrogate(); }) {
            // Its draws depend on the last bits of a membrane, which are the kernels' own.
            if (options.surrogate().kind == SurrogateKind::kSso) return "the surrogate sso";
          }
          if constexpr (requires { options.graded_spikes_factor(); }) {
            if (options.learn_graded_spikes_factor() ||
                options.graded_spikes_factor() != PerNeuron(1.0)) {
              return "a graded-spikes-factor";
            }
          }
          if constexpr (requires { options.kernel_truncation_steps(); }) {
            if (options.kernel_truncation_steps() > 0) return "kernel-truncation-steps";
          }
          return "";
        }
      },
      neuron);
}

NeuronModel neuron_model(const NeuronSpec& neuron) {
  return std::visit(
      []<class Options>(const Options& options) {
        if constexpr (kHasModel<Options>) return model_of(options);
        if constexpr (!kHasModel<Options>) return NeuronModel{};
      },
      neuron);
}

}  // namespace snn::kernels
