"""Times peers on networks of leaky neurons with more than one hidden product: the same image at
every step, T = 25, batch 128, sum over time of the cross-entropy of the output membrane, Adam 1e-3.

Usage: deeper_peers.py PEER NETWORK THREADS MNIST_DIR [BATCHES]
NETWORK: deep, 784-500-500-10; or recurrent, 784-500-10 with all-to-all recurrence of the 500
PEER: snntorch, snntorch-compile, jax (written by hand with jax.lax.scan); for deep also
norse-compile and spikingjelly
"""
import os
import sys
import time

import numpy as np

peer, network, threads, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
batches = int(sys.argv[5]) if len(sys.argv) > 5 else 30
STEPS, BATCH, HIDDEN, BETA, WARM_UP = 25, 128, 500, 0.95, 4


def read(name, header):
    with open(os.path.join(folder, name), "rb") as file:
        return np.frombuffer(file.read(), np.uint8)[header:]


images = read("train-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / 255
labels = read("train-labels-idx1-ubyte", 8)


def jax_step():
    if threads == 1:
        os.sched_setaffinity(0, {0})
    import jax
    import jax.numpy as jnp
    import optax

    @jax.custom_jvp
    def spike(x):
        return (x > 0).astype(jnp.float32)

    @spike.defjvp
    def _(primals, tangents):
        return spike(primals[0]), tangents[0] / (1 + (jnp.pi * primals[0]) ** 2)

    def leaky(current, is_constant, recurrent=None):
        def step(state, input_):
            membrane, spikes = state
            drive = current if is_constant else input_
            if recurrent is not None:
                drive = drive + spikes @ recurrent[0] + recurrent[1]
            reset = jax.lax.stop_gradient((membrane > 1).astype(jnp.float32))
            membrane = BETA * membrane + drive - reset
            spikes = spike(membrane - 1)
            return (membrane, spikes), (spikes, membrane)

        rest = jnp.zeros(current.shape if is_constant else current.shape[1:])
        inputs = None if is_constant else current
        return jax.lax.scan(step, (rest, rest), inputs, length=STEPS, unroll=5)[1]

    def linear(parameters, spikes):
        return spikes @ parameters[0] + parameters[1]

    def loss_of(parameters, x, y):
        recurrent = parameters["recurrent"] if network == "recurrent" else None
        spikes, _ = leaky(linear(parameters["first"], x), True, recurrent)
        if network == "deep":
            spikes, _ = leaky(linear(parameters["middle"], spikes), False)
        _, membrane = leaky(linear(parameters["last"], spikes), False)
        log_p = jax.nn.log_softmax(membrane)
        targets = jnp.broadcast_to(y[None, :, None], (STEPS, BATCH, 1))
        return -jnp.take_along_axis(log_p, targets, -1).sum() / BATCH

    keys = iter(jax.random.split(jax.random.PRNGKey(0), 8))

    def layer(inputs, outputs):
        bound = inputs**-0.5
        return tuple(
            jax.random.uniform(next(keys), shape, minval=-bound, maxval=bound)
            for shape in ((inputs, outputs), (outputs,))
        )

    parameters = {"first": layer(784, HIDDEN), "last": layer(HIDDEN, 10)}
    parameters["middle" if network == "deep" else "recurrent"] = layer(HIDDEN, HIDDEN)
    optimizer = optax.adam(1e-3)
    state = optimizer.init(parameters)

    @jax.jit
    def update(parameters, state, x, y):
        loss, gradient = jax.value_and_grad(loss_of)(parameters, x, y)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(parameters, updates), state, loss

    def step(x, y):
        nonlocal parameters, state
        parameters, state, loss = update(parameters, state, x, y.astype(np.int32))
        jax.block_until_ready(parameters)
        return float(loss)

    return step


def torch_network():
    import torch
    from torch import nn

    if peer.startswith("snntorch"):
        import snntorch as snn

        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.last = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, 10)
                self.output = snn.Leaky(beta=BETA)
                if network == "deep":
                    self.hidden, self.other = snn.Leaky(beta=BETA), snn.Leaky(beta=BETA)
                    self.middle = nn.Linear(HIDDEN, HIDDEN)
                else:
                    self.hidden = snn.RLeaky(beta=BETA, linear_features=HIDDEN)

            def forward(self, x):
                rest = lambda neurons: torch.zeros(x.size(0), neurons)
                spikes, a, b, c = rest(HIDDEN), rest(HIDDEN), rest(HIDDEN), rest(10)
                membranes, current = [], self.first(x)
                for _ in range(STEPS):
                    if network == "deep":
                        spikes, a = self.hidden(current, a)
                        last, b = self.other(self.middle(spikes), b)
                    else:
                        spikes, a = self.hidden(current, spikes, a)
                        last = spikes
                    _, c = self.output(self.last(last), c)
                    membranes.append(c)
                return torch.stack(membranes)

        return Network()
    if network != "deep":
        sys.exit(f"deeper_peers.py: {peer} has only the network deep")
    if peer.startswith("norse"):
        import norse.torch as norse

        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                parameters = norse.LIFBoxParameters(tau_mem_inv=torch.as_tensor(50.0))
                self.first, self.last = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, 10)
                self.middle = nn.Linear(HIDDEN, HIDDEN)
                self.a, self.b, self.c = (norse.LIFBoxCell(parameters) for _ in range(3))

            def forward(self, x):
                a = b = c = None
                membranes, current = [], self.first(x)
                for _ in range(STEPS):
                    spikes, a = self.a(current, a)
                    spikes, b = self.b(self.middle(spikes), b)
                    _, c = self.c(self.last(spikes), c)
                    membranes.append(c.v)
                return torch.stack(membranes)

        return Network()

    from spikingjelly.activation_based import functional, neuron, surrogate

    def leaky():
        return neuron.LIFNode(
            tau=20.0,
            decay_input=False,
            v_reset=None,
            detach_reset=True,
            surrogate_function=surrogate.ATan(),
            step_mode="m",
            store_v_seq=True,
        )

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, 10)
            self.middle = nn.Linear(HIDDEN, HIDDEN)
            self.a, self.b, self.c = leaky(), leaky(), leaky()

        def forward(self, x):
            current = self.first(x).unsqueeze(0).expand(STEPS, -1, -1)
            self.c(self.last(self.b(self.middle(self.a(current)))))
            membranes = self.c.v_seq
            functional.reset_net(self)
            return membranes

    return Network()


def torch_step():
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net = torch_network()
    if peer.endswith("compile"):
        net = torch.compile(net)
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)

    def step(x, y):
        membranes = net(torch.from_numpy(x))
        targets = torch.from_numpy(y.astype(np.int64)).repeat(STEPS)
        loss = functional.cross_entropy(membranes.flatten(0, 1), targets, reduction="sum") / BATCH
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


step = jax_step() if peer == "jax" else torch_step()
seconds = []
for i in range(WARM_UP + batches):
    rows = slice(i * BATCH, (i + 1) * BATCH)
    start = time.perf_counter()
    loss = step(images[rows], labels[rows])
    seconds.append(time.perf_counter() - start)
seconds = sorted(seconds[WARM_UP:])
print(
    f"{peer} {network} threads {threads} median {seconds[len(seconds) // 2] * 1e3:.2f} ms/batch "
    f"(min {seconds[0] * 1e3:.2f}) loss {loss:.3f}"
)
