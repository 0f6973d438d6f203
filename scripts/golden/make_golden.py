#!/usr/bin/env python3
"""Makes golden vectors by running snnTorch (and SpikingJelly, for PLIF) on small random cases.

Equal seeds give equal files with the packages of requirements.txt on one machine. To test with
vectors of another seed, without a rebuild:

    python3 -m venv venv && venv/bin/pip install -r scripts/golden/requirements.txt
    venv/bin/python scripts/golden/make_golden.py /tmp/golden --seed 7
    SNN_GOLDEN_DIR=/tmp/golden build/tests/torch_test --gtest_filter='Golden*'
"""

import argparse
import pathlib

import torch
from snntorch import functional, spikegen

from networks import make_networks, make_training
from neurons import make_more_neurons, make_neurons
from vectors import SURROGATES, Draws, to_json, write


def make_surrogates(folder, seed):
    draw = Draws(seed, "surrogates")
    settings = [
        ("atan", {}), ("atan", {"alpha": draw(0.5, 4)}),
        ("fast_sigmoid", {}), ("fast_sigmoid", {"slope": draw(2, 50)}),
        ("sigmoid", {}), ("sigmoid", {"slope": draw(2, 30)}),
        ("heaviside", {}), ("straight_through_estimator", {}),
        ("triangular", {}), ("triangular", {"threshold": draw(0.5, 2)}),
        ("spike_rate_escape", {}),
        ("spike_rate_escape", {"beta": draw(0.5, 2), "slope": draw(2, 30)}),
        ("SFS", {}), ("SFS", {"slope": draw(5, 40), "B": draw(0.1, 1)}),
    ]
    cases = []
    for name, parameters in settings:
        near_zero = torch.tensor([0.0, 1e-6, -1e-6])
        x = torch.cat([torch.linspace(-2, 2, 41), near_zero, torch.randn(20)]).requires_grad_()
        spikes = SURROGATES[name](**parameters)(x)
        weights = torch.rand_like(x)
        spikes.backward(weights)
        cases.append({"surrogate": name, "params": parameters, "x": to_json(x),
                      "grad_output": to_json(weights), "spikes": to_json(spikes),
                      "grad_x": to_json(x.grad)})
    write(folder, "surrogates",
          "Surrogate spike functions of x = mem - threshold: forward spikes and grad_x for a given "
          "grad_output.", cases)


def make_losses(folder, seed):
    Draws(seed, "losses")
    batch, classes, steps = 6, 4, 9
    cross_entropy = torch.nn.CrossEntropyLoss()
    losses = [
        ("ce_rate_loss", functional.ce_rate_loss(), "spk"),
        ("ce_count_loss", functional.ce_count_loss(), "spk"),
        ("ce_max_membrane_loss", functional.ce_max_membrane_loss(), "mem"),
        ("mse_count_loss", functional.mse_count_loss(correct_rate=0.8, incorrect_rate=0.2), "spk"),
        ("mse_membrane_loss", functional.mse_membrane_loss(on_target=1.2, off_target=0.1), "mem"),
        ("ce_membrane_sum", lambda x, y: sum(cross_entropy(step, y) for step in x), "mem"),
        ("ce_temporal_loss", functional.ce_temporal_loss(), "spk"),
        ("mse_temporal_loss", functional.mse_temporal_loss(), "spk"),
    ]

    def outputs(samples, limit=0.6):
        return (torch.rand(steps, samples, classes) > limit).float()

    cases = []
    for name, loss, of in losses:
        x = outputs(batch) if of == "spk" else torch.randn(steps, batch, classes)
        targets = torch.randint(0, classes, (batch,))
        value = loss(x.requires_grad_(), targets).sum()
        value.backward()
        cases.append({"loss": name, "of": of, "input": to_json(x), "targets": targets.tolist(),
                      "value": float(value), "grad_input": to_json(x.grad)})
    for name in ("accuracy_rate", "accuracy_temporal"):
        x, targets = outputs(40), torch.randint(0, classes, (40,))
        cases.append({"metric": name, "input": to_json(x), "targets": targets.tolist(),
                      "value": float(getattr(functional, name)(x, targets))})
    x = outputs(batch, 0.5)
    cases.append({"regulariser": "l1_rate_sparsity", "params": {"Lambda": 1e-3},
                  "input": to_json(x), "value": float(functional.l1_rate_sparsity(Lambda=1e-3)(x))})
    write(folder, "losses",
          "Losses on [T,B,C] spike or membrane records. ce_membrane_sum is the sum over time of "
          "CrossEntropyLoss(mem[t]), mean over the batch.", cases)


def make_encoders(folder, seed):
    Draws(seed, "encoders")
    values = torch.rand(4, 6)
    # Without normalize, snnTorch refuses values at or below the threshold: they spike too late.
    high = 0.06 + 0.94 * values
    settings = [("latency", x, each) for x, each in (
        (high, {"num_steps": 10}),
        (values, {"num_steps": 10, "linear": True, "normalize": True}),
        (high, {"num_steps": 12, "tau": 3, "threshold": 0.05}),
        (values, {"num_steps": 12, "tau": 3, "threshold": 0.05, "clip": True, "normalize": True,
                  "linear": True}),
        (values, {"num_steps": 8, "normalize": True, "clip": True, "threshold": 0.2}))]
    walk = torch.randn(10, 3, 2).cumsum(0)
    settings += [("delta", walk, each) for each in (
        {"threshold": 0.4},
        {"threshold": 0.4, "padding": True},
        {"threshold": 0.4, "padding": True, "off_spike": True})]
    settings += [("rate", each, {"num_steps": 5}) for each in (torch.zeros(3, 4), torch.ones(3, 4))]
    cases = [{"encoder": name, "params": parameters, "input": to_json(x),
              "spikes": to_json(getattr(spikegen, name)(x, **parameters))}
             for name, x, parameters in settings]
    write(folder, "encoders", "Spike encoders whose output is deterministic.", cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="where to write the files")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # equal sums on every machine, and faster for tensors this small
    pathlib.Path(arguments.folder).mkdir(parents=True, exist_ok=True)
    for make in (make_surrogates, make_neurons, make_more_neurons, make_losses, make_encoders,
                 make_networks, make_training):
        make(arguments.folder, arguments.seed)


if __name__ == "__main__":
    main()
