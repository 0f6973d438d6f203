"""neurons.json and neurons2.json: layers of neurons, driven step by step from rest."""

import snntorch as snn
import torch
from snntorch.functional import quant
from spikingjelly.activation_based import neuron as spikingjelly_neuron
from spikingjelly.activation_based import surrogate as spikingjelly_surrogate

from vectors import (
    SURROGATES,
    Draws,
    drawn,
    driven_case,
    named,
    parameters_of,
    to_json,
    write,
)

# Kinds whose gradients tests compare as a whole: both currents nearly cancel, or they grow from step
# to step.
ROUGH = ("Alpha", "RLeaky", "RSynaptic")
RESETS = ("subtract", "zero", "none")


def as_json(options):
    return {k: to_json(v) if isinstance(v, torch.Tensor) else v for k, v in options.items()}


def neuron_case(kind, options, states, shape, *, sur=("atan", {}), spread=1.0, shift=0.35, extra=None):
    """A case of snnTorch's neurons `kind`: `shape` is (T,B,...), `states` the number of its states
    or their shapes; `extra` are options that a case states in another form."""
    cls = getattr(snn, kind)
    name, parameters = sur
    shapes = [shape[1:]] * states if isinstance(states, int) else states

    def run(layer, current):
        state = tuple(torch.zeros(each, dtype=current.dtype) for each in shapes)
        spikes, membranes, distances = [], [], []
        for step in current.unbind():
            output = layer(step, *state)
            state = output[1:]
            spikes.append(output[0])
            membranes.append(state[-1])
            distances.append(state[-1] - layer.threshold)
        return torch.stack(spikes), torch.stack(membranes), distances

    def make():
        layer = cls(**options, **(extra or {}).get("given", {}),
                    spike_grad=SURROGATES[name](**parameters))
        case = {"neuron": kind, "params": as_json(options) | (extra or {}).get("stated", {}),
                "surrogate": named(name, parameters), "parameters": parameters_of(layer)}
        return driven_case(case, layer, torch.randn(shape) * spread + shift, run,
                           has_double=extra is None, by_norm=kind in ROUGH)

    return drawn(make)


def leaky_cases(draw, surrogates):
    shape = (12, 3, 5)
    cases = []
    for reset in RESETS:
        for delay in (True, False):
            for learn in (False, True):
                options = {"beta": draw(0.3, 0.99), "threshold": draw(0.6, 1.4),
                           "reset_mechanism": reset, "reset_delay": delay,
                           "learn_beta": learn, "learn_threshold": learn}
                cases.append(neuron_case("Leaky", options, 1, shape, sur=next(surrogates)))
    per_neuron = {"beta": torch.rand(5), "threshold": torch.rand(5) + 0.5, "learn_beta": True,
                  "learn_threshold": True}
    cases.append(neuron_case("Leaky", per_neuron, 1, shape))
    cases.append(neuron_case("Leaky", {"beta": 1.2}, 1, shape, spread=0.3)
                 | {"note": "beta is clamped to [0,1] in the forward pass"})
    cases.append(neuron_case("Leaky", {"beta": 0.9, "inhibition": True}, 1, shape))
    graded = {"beta": 0.8, "graded_spikes_factor": 1.7, "learn_graded_spikes_factor": True}
    cases.append(neuron_case("Leaky", graded, 1, shape))
    return cases


def make_neurons(folder, seed):
    draw = Draws(seed, "neurons")
    kinds = [("atan", {}), ("fast_sigmoid", {"slope": 25}), ("heaviside", {}),
             ("sigmoid", {"slope": 10}), ("triangular", {})]

    def endless():
        while True:
            yield from kinds

    surrogates = endless()
    cases = leaky_cases(draw, surrogates)
    shape = (12, 3, 5)
    for reset in RESETS:
        sur = next(surrogates)

        def add(kind, options, states, spread=1.0, high=(0.6, 1.4)):
            full = options | {"threshold": draw(*high), "reset_mechanism": reset}
            cases.append(neuron_case(kind, full, states, shape, sur=sur, spread=spread))

        def decay():
            return draw(0.5, 0.95)

        add("Synaptic", {"alpha": decay(), "beta": decay(), "learn_alpha": True,
                         "learn_beta": True}, 2, 0.5)
        beta = draw(0.4, 0.8)
        add("Alpha", {"alpha": round(beta + 0.1, 3), "beta": beta}, 3, high=(0.3, 0.8))
        add("Lapicque", {"R": draw(1, 5), "C": draw(2, 6), "time_step": 1}, 1, high=(0.3, 0.8))
        add("RLeaky", {"beta": decay(), "all_to_all": False, "V": draw(0.2, 1.2),
                       "learn_beta": True}, 2)
        add("RLeaky", {"beta": decay(), "linear_features": 5}, 2)
        add("RSynaptic", {"alpha": decay(), "beta": decay(), "linear_features": 5}, 3, 0.5)
    write(folder, "neurons",
          "Neuron layers driven step by step from zero state by input [T,B,N]; loss = "
          "sum(spikes*grad_spikes)+sum(mem*grad_mem); mem is the value the layer returned. The "
          "states that a layer returned were passed to its next step without its spikes.", cases)


def recurrent_cases(draw):
    cases = []
    for reset in RESETS:
        alpha, beta = draw(0.5, 0.95), draw(0.5, 0.95)
        both = {"beta": beta, "threshold": draw(0.6, 1.2), "reset_mechanism": reset}
        learn = {"learn_alpha": True, "learn_beta": True}
        few = {"spread": 0.4, "shift": 0.4}

        def add(kind, options, states, shape, **draws):
            cases.append(neuron_case(kind, options | both, states, shape, **draws))

        def convolution(channels):
            return {"conv2d_channels": channels, "kernel_size": 3}

        add("RLeaky", convolution(3), 2, (6, 2, 3, 4, 4), spread=0.7, shift=0.4)
        add("RLeaky", {"linear_features": 5, "reset_delay": False, "learn_threshold": True}, 2,
            (8, 3, 5), spread=0.7, shift=0.4)
        add("RSynaptic", {"alpha": alpha} | convolution(2), 3, (6, 2, 2, 3, 3), **few)
        add("RSynaptic", {"alpha": alpha, "all_to_all": False, "V": 0.7} | learn, 3, (8, 3, 5), **few)
        add("Synaptic", {"alpha": alpha, "reset_delay": False, "learn_threshold": True} | learn, 2,
            (10, 3, 5), **few)
    return cases


def lstm_cases(draw):
    cases = []
    for pool in ({}, {"max_pool": 2}, {"avg_pool": 2}):
        options = {"in_channels": 2, "out_channels": 3, "kernel_size": 3,
                   "threshold": draw(0.1, 0.3)} | pool
        cases.append(neuron_case("SConv2dLSTM", options, [(2, 3, 4, 4)] * 2, (5, 2, 2, 4, 4),
                                 spread=1.5, shift=0.4))
    for reset in RESETS:
        options = {"input_size": 4, "hidden_size": 6, "threshold": draw(0.05, 0.25),
                   "reset_mechanism": reset}
        cases.append(neuron_case("SLSTM", options, [(3, 6)] * 2, (7, 3, 4), spread=1.5, shift=0.4))
    return cases


def delta_leaky_case(draw):
    options = {"beta": draw(0.5, 0.95), "delta_threshold": draw(0.1, 0.5)}

    def run(layer, current):
        state = (torch.zeros_like(current[0]), torch.zeros_like(current[0]))
        spikes, membranes, distances = [], [], []
        for step in current.unbind():
            output, state = layer(step, state)
            spikes.append(output)
            membranes.append(state[0])
            distances.append((state[0] - state[1]).abs() - options["delta_threshold"])
        return torch.stack(spikes), torch.stack(membranes), distances

    def make():
        layer = snn.DeltaLeaky(**options, spike_grad=SURROGATES["atan"]())
        case = {"neuron": "DeltaLeaky", "params": options, "surrogate": named("atan"),
                "parameters": {}}
        return driven_case(case, layer, torch.randn(9, 3, 5) * 0.7 + 0.4, run)

    return drawn(make)


def quantised_cases(draw):
    """Each kind whose state snnTorch quantises, with another quantisation."""
    cases = []
    settings = [{"num_bits": 4, "uniform": True}, {"num_bits": 3, "uniform": False},
                {"num_bits": 3, "uniform": False, "thr_centered": False},
                {"num_bits": 5, "uniform": True, "lower_limit": 0.1, "upper_limit": 0.5}]
    kinds = [("Leaky", {"beta": 0.9}, 1), ("Synaptic", {"alpha": 0.8, "beta": 0.9}, 2),
             ("Lapicque", {"R": 2.0, "C": 3.0, "time_step": 1}, 1),
             ("Alpha", {"alpha": 0.9, "beta": 0.8}, 3)]
    for (kind, options, states), setting in zip(kinds, settings):
        threshold = draw(0.5, 1.0)
        stated = setting | {"threshold": threshold}
        extra = {"given": {"state_quant": quant.state_quant(**stated)},
                 "stated": {"state_quant": stated}}
        cases.append(neuron_case(kind, options | {"threshold": threshold}, states, (10, 3, 5),
                                 spread=0.7, shift=0.4, extra=extra))
    return cases


def plif_case(draw, decay_input, reset):
    tau, threshold = draw(1.3, 4), draw(0.6, 1.2)

    def run(layer, current):
        spikes = layer(current)
        membrane = layer.v_seq
        if reset is None:
            return spikes, membrane, [membrane + spikes * threshold - threshold]
        # What it was before a reset to zero is not known, but it was above the threshold.
        return spikes, membrane, [torch.where(spikes > 0, 1.0, membrane - threshold)]

    def make():
        layer = spikingjelly_neuron.ParametricLIFNode(
            init_tau=tau, decay_input=decay_input, v_threshold=threshold, v_reset=reset,
            detach_reset=True, surrogate_function=spikingjelly_surrogate.ATan(alpha=2.0),
            step_mode="m", store_v_seq=True)
        options = {"tau": tau, "decay_input": decay_input, "threshold": threshold,
                   "reset": "subtract" if reset is None else "zero",
                   "reset_delay": "SpikingJelly resets in the same step, detached; mem is after "
                                  "the reset"}
        case = {"neuron": "PLIF", "params": options, "surrogate": named("atan", {"alpha": 2.0}),
                "parameters": parameters_of(layer)}
        return driven_case(case, layer, torch.randn(8, 3, 5) * 1.2 + 0.4, run)

    return drawn(make)


def make_more_neurons(folder, seed):
    draw = Draws(seed, "neurons2")
    cases = recurrent_cases(draw) + lstm_cases(draw) + [delta_leaky_case(draw)]
    cases += quantised_cases(draw)
    cases += [plif_case(draw, decay, reset) for decay in (True, False) for reset in (None, 0.0)]
    write(folder, "neurons2",
          "More neurons, driven step by step from zero state by input [T,B,...]; as neurons.json. "
          "SLSTM and SConv2dLSTM hold torch's LSTM parameters; mem is the last state the layer "
          "returned.", cases, ("snntorch", "spikingjelly", "torch"))
