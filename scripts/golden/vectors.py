"""What all makers of golden vectors share: random draws, surrogates, JSON."""

import copy
import importlib.metadata
import json
import pathlib
import zlib

import numpy as np
import torch
from snntorch import surrogate

# What a test compares must not depend on rounding. No membrane may be nearer to its threshold:
MARGIN = 2e-5
# and single precision may differ from double by a quarter of the tests' tolerances, relative and
# absolute, or relative to the norm of a tensor.
RELATIVE, ABSOLUTE = 0.25e-5, 0.25e-6

SURROGATES = {
    "atan": surrogate.atan,
    "fast_sigmoid": surrogate.fast_sigmoid,
    "sigmoid": surrogate.sigmoid,
    "heaviside": surrogate.heaviside,
    "straight_through_estimator": surrogate.straight_through_estimator,
    "triangular": surrogate.triangular,
    "spike_rate_escape": surrogate.spike_rate_escape,
    "SFS": surrogate.SFS,
}


class Draws:
    """Random numbers of one file: other files do not change with its cases."""

    def __init__(self, seed, file):
        key = zlib.crc32(f"{seed} {file}".encode())
        torch.manual_seed(key)
        self.numbers = np.random.default_rng(key)

    def __call__(self, low, high):
        """A number with three decimals."""
        return round(float(self.numbers.uniform(low, high)), 3)


def to_json(tensor):
    """The shape and the values, row by row, in the shortest digits that float32 reads back."""
    values = tensor.detach().to(torch.float32).contiguous().numpy()
    return {"shape": list(values.shape), "data": [float(str(x)) for x in values.reshape(-1)]}


def parameters_of(module):
    return {name: to_json(value) for name, value in module.named_parameters()}


def named(name, parameters=None):
    """A surrogate as a case states it."""
    return {"name": name, "params": parameters or {}}


def is_near(single, double, by_norm=False):
    """True if they differ little; snnTorch's sigmoid overflows to NaN, which is not compared."""
    known = torch.isfinite(single) & torch.isfinite(double)
    single, double = single.double()[known], double[known]
    if by_norm:
        return bool((single - double).norm() <= RELATIVE * double.norm())
    return bool(((single - double).abs() <= RELATIVE * double.abs() + ABSOLUTE).all())


def drawn(make):
    """The first case of make() that does not depend on rounding; None stands for one that does."""
    for _ in range(5000):
        case = make()
        if case is not None:
            return case
    raise RuntimeError("every draw depends on rounding")


def driven_case(case, module, current, run, has_double=True, by_norm=False):
    """Adds to `case` the inputs, outputs and gradients of sum(spikes * grad_spikes) + sum(mem *
    grad_mem), where run(module, current) returns spikes, membranes and the distances of all
    membranes from their thresholds. None if they depend on rounding."""
    in_double = copy.deepcopy(module).double()
    current.requires_grad_()
    spikes, membrane, distances = run(module, current)
    if min(float(each.detach().abs().min()) for each in distances) <= MARGIN:
        return None
    of_spikes, of_membrane = torch.randn_like(spikes), torch.randn_like(membrane)

    def differentiate(spikes, membrane):
        weights = of_spikes.to(spikes.dtype), of_membrane.to(spikes.dtype)
        ((spikes * weights[0]).sum() + (membrane * weights[1]).sum()).backward()

    def gradients(module, current):
        return [current.grad, *(p.grad for p in module.parameters() if p.grad is not None)]

    differentiate(spikes, membrane)
    if has_double:
        exact = current.detach().double().requires_grad_()
        torch.set_default_dtype(torch.double)  # of states that neurons make themselves
        exact_spikes, exact_membrane, _ = run(in_double, exact)
        torch.set_default_dtype(torch.float)
        differentiate(exact_spikes, exact_membrane)
        pairs = zip(gradients(module, current), gradients(in_double, exact), strict=True)
        if not (is_near(membrane.detach(), exact_membrane.detach())
                and all(is_near(*pair, by_norm) for pair in pairs)):
            return None
    return case | {
        "input": to_json(current),
        "spikes": to_json(spikes),
        "mem": to_json(membrane),
        "grad_spikes": to_json(of_spikes),
        "grad_mem": to_json(of_membrane),
        "grad_input": to_json(current.grad),
        "grad_parameters": {
            name: to_json(value.grad)
            for name, value in module.named_parameters()
            if value.grad is not None
        },
    }


def write(folder, name, description, cases, packages=("snntorch", "torch")):
    versions = ", ".join(f"{each} {importlib.metadata.version(each)}" for each in packages)
    content = {"description": description, "reference": versions, "cases": cases}
    path = pathlib.Path(folder) / f"{name}.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{path}: {len(cases)} cases")
