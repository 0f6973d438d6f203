"""networks.json and training.json: chains of layers, and the training of small networks."""

import copy

import snntorch as snn
import torch
from torch import nn

from vectors import (
    MARGIN,
    SURROGATES,
    Draws,
    drawn,
    driven_case,
    is_near,
    named,
    parameters_of,
    to_json,
    write,
)


def number(text):
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return text


def layer_of(kind, arguments, probe, steps):
    """The module of one layer on an input like `probe`."""
    channels, is_image = probe.shape[1], probe.dim() == 4
    if kind == "conv":
        stride, padding = (*arguments[2:4], *(1, 0)[len(arguments[2:4]):])
        return nn.Conv2d(channels, *arguments[:2], stride=stride, padding=padding,
                         bias="nobias" not in arguments)
    if kind == "dwconv":
        return nn.Conv2d(channels, channels, arguments[0], groups=channels,
                         padding=arguments[0] // 2)
    if kind == "leaky":
        return snn.Leaky(beta=arguments[0], threshold=arguments[1],
                         reset_mechanism=arguments[2] if len(arguments) > 2 else "subtract",
                         spike_grad=SURROGATES["atan"]())
    return {
        "max": lambda: nn.MaxPool2d(arguments[0]),
        "avg": lambda: nn.AvgPool2d(arguments[0]),
        "norm": lambda: (nn.BatchNorm2d if is_image else nn.BatchNorm1d)(channels),
        "bntt": lambda: (snn.BatchNormTT2d if is_image else snn.BatchNormTT1d)(channels, steps),
        "flat": nn.Flatten,
        "lin": lambda: nn.Linear(channels, arguments[0]),
    }[kind]()


def build(text, shape, batch, steps):
    probe = torch.zeros(batch, *shape)
    modules = nn.ModuleDict()
    for position, word in enumerate(text.split()):
        kind, *arguments = word.split(":")
        module = layer_of(kind, [number(each) for each in arguments], probe, steps)
        modules[str(position)] = module
        if kind not in ("leaky", "bntt"):
            probe = module.eval()(probe)
    with torch.no_grad():
        for value in modules.parameters():
            if value.dim() > 1:
                value.mul_(2.0)
    return modules.train()


def run_by_layers(plan, current, is_static, steps):
    """Layer by layer: the statistics of a norm are over steps and batch together (the multi-step
    mode of SpikingJelly, tdBN)."""
    signal = current.unsqueeze(0).expand(steps, *current.shape) if is_static else current
    distances = []
    for kind, module in plan:
        if kind != "leaky":
            result = module(signal.flatten(0, 1))
            signal = result.view(steps, -1, *result.shape[1:])
            continue
        state, spikes, membranes = torch.zeros_like(signal[0]), [], []
        for step in signal:
            output, state = module(step, state)
            spikes.append(output.to(state.dtype))  # snnTorch's are always in single precision
            membranes.append(state)
        signal, membrane = torch.stack(spikes), torch.stack(membranes)
        distances.append(membrane - module.threshold)
    return signal, membrane, distances


def run_by_steps(plan, current, is_static, steps):
    states, spikes, membranes, distances = {}, [], [], []
    for t in range(steps):
        signal = current if is_static else current[t]
        for position, (kind, module) in enumerate(plan):
            if kind == "leaky":
                state = states.get(position, torch.zeros_like(signal))
                signal, states[position] = module(signal, state)
                last = states[position]
                signal = signal.to(last.dtype)
                distances.append(last - module.threshold)
            else:
                signal = (module[t] if kind == "bntt" else module)(signal)
        spikes.append(signal)
        membranes.append(last)
    return torch.stack(spikes), torch.stack(membranes), distances


def chain_case(text, shape, steps=5, batch=4, is_static=False, is_by_layers=False):
    def run(modules, current):
        kinds = [word.split(":")[0] for word in text.split()]
        plan = list(zip(kinds, modules.values(), strict=True))
        return (run_by_layers if is_by_layers else run_by_steps)(plan, current, is_static, steps)

    def make():
        size = (batch, *shape) if is_static else (steps, batch, *shape)
        modules = build(text, shape, batch, steps)
        before = {k: to_json(v) for k, v in modules.state_dict().items() if v.is_floating_point()}
        case = {"network": text, "sample_shape": list(shape), "static": is_static,
                "norm_statistics": "sequence" if is_by_layers else "step", "state_before": before}
        case = driven_case(case, modules, torch.rand(size) * 1.6, run, has_double=False)
        running = {k: to_json(v) for k, v in modules.state_dict().items() if "running" in k}
        return case and case | {"state_after": running}

    return drawn(make)


def make_networks(folder, seed):
    draw = Draws(seed, "networks")

    def leaky():
        return f"leaky:{draw(0.5, 0.95)}:{draw(0.6, 1.2)}"

    norm = "conv:3:3:1:1:nobias norm {} max:2 flat lin:4 norm {}"
    cases = [
        chain_case(f"conv:3:3 {leaky()}", (2, 6, 6)),
        chain_case(f"conv:4:5 max:2 {leaky()} conv:6:3 max:2 {leaky()} flat lin:5 {leaky()}",
                   (1, 16, 16), is_static=True),
        chain_case(f"conv:4:3:2:1 {leaky()}:zero avg:2 conv:5:3:1:1 {leaky()} flat lin:3 {leaky()}",
                   (2, 8, 8)),
        chain_case(norm.format(leaky(), leaky()), (2, 6, 6)),
        chain_case(norm.format(leaky(), leaky()), (2, 6, 6), is_by_layers=True),
        chain_case(f"conv:3:3:1:1 bntt {leaky()} flat lin:4 bntt {leaky()}", (1, 4, 4)),
        chain_case(f"dwconv:3 {leaky()} conv:5:1 {leaky()}", (3, 5, 5)),
        chain_case(f"lin:8 norm {leaky()} lin:3 {leaky()}", (6,), is_static=True),
    ]
    write(folder, "networks",
          "Chains of layers named by text (kind:arguments; conv:channels:kernel[:stride[:padding"
          "[:nobias]]], dwconv: depthwise, leaky:beta:threshold[:reset]; max pooling before or "
          "after neurons), in training mode, driven over T steps from rest; static: the same input "
          "at each step. loss = sum(spikes*grad_spikes)+sum(mem*grad_mem) of the last neurons. "
          "norm_statistics: of each step, or of all steps together. state_* use the position in "
          "the chain as name; state_after: running statistics after this one forward pass "
          "(momentum 0.1, once a step, or once a sequence).", cases,
          ("snntorch", "torch"))


def train(layers, neurons, x, targets, steps, adam):
    """The losses of 20 steps of Adam on one batch, the first step's results and all membranes."""
    optimizer = torch.optim.Adam(layers.parameters(), **adam)
    losses, first, distances = [], None, []
    for _ in range(20):
        states = [torch.zeros(len(x), each.out_features, dtype=x.dtype) for each in layers]
        spikes, membranes = [], []
        for _ in range(steps):
            signal = x
            for i, layer in enumerate(layers):
                signal, states[i] = neurons[i](layer(signal), states[i])
                signal = signal.to(x.dtype)
                distances.append(float((states[i] - neurons[i].threshold).detach().abs().min()))
            spikes.append(signal)
            membranes.append(states[-1])
        loss = sum(nn.CrossEntropyLoss()(each, targets) for each in membranes)
        optimizer.zero_grad()
        loss.backward()
        losses.append(float(loss.detach()))
        first = first or {"spikes": torch.stack(spikes), "mem": torch.stack(membranes),
                          "grads": {k: p.grad.clone() for k, p in layers.named_parameters()}}
        optimizer.step()
    return losses, first, min(distances)


def training_case(sizes, beta, steps, sur, adam):
    name, parameters = sur
    neurons = [snn.Leaky(beta=beta, spike_grad=SURROGATES[name](**parameters)) for _ in sizes[1:]]

    def make():
        layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])])
        in_double = copy.deepcopy(layers).double()
        x, targets = torch.rand(16, sizes[0]) * 2, torch.randint(0, sizes[-1], (16,))
        initial = parameters_of(layers)
        losses, first, distance = train(layers, neurons, x, targets, steps, adam)
        # Twenty steps go too many ways for the margin of one.
        if distance <= MARGIN / 10:
            return None
        _, exact, _ = train(in_double, neurons, x.double(), targets, steps, adam)
        pairs = [*zip(layers.parameters(), in_double.parameters(), strict=True),
                 *((value, exact["grads"][k]) for k, value in first["grads"].items())]
        if not all(is_near(a.detach(), b.detach()) for a, b in pairs):
            return None
        stated = {"spikes": to_json(first["spikes"]), "mem": to_json(first["mem"]),
                  "grads": {k: to_json(value) for k, value in first["grads"].items()}}
        return {"arch": list(sizes), "beta": beta, "num_steps": steps,
                "surrogate": named(name, parameters), "adam": adam, "x": to_json(x),
                "targets": targets.tolist(), "init": initial, "first_step": stated,
                "losses": losses, "final": parameters_of(layers)}

    return drawn(make)


def make_training(folder, seed):
    draw = Draws(seed, "training")
    cases = [
        training_case((12, 8, 4), draw(0.7, 0.97), 9, ("atan", {}), {"lr": 1e-2}),
        training_case((10, 7, 6, 3), draw(0.5, 0.95), 6, ("fast_sigmoid", {"slope": 25}),
                      {"lr": 5e-3}),
        training_case((12, 9, 4), 0.95, 25, ("heaviside", {}), {"lr": 1e-3}),
    ]
    write(folder, "training",
          "Fully connected LIF networks with static input x at every step, loss = sum over time of "
          "CrossEntropyLoss(mem[t]), 20 Adam steps on one batch. Parameter names: index of the "
          "linear layer, then weight [out,in] or bias.", cases)
