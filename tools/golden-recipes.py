#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden-recipes.py keras|pytorch FOLDER - optimisers, regularisation and schedules as Keras and PyTorch themselves compute them.

Makes FOLDER/recipes-keras.txt or recipes-pytorch.txt, which tests/golden/test_recipes.c holds the library against:

  run SETTINGS        five steps of LeNet-5 from the weights and on the images of FOLDER/lenet5.safetensors (tools/golden.py), the
                      learning rate of each step being 1, 2, 0.5, 1 and 0.25 times that of the settings; then "losses", one a step,
                      before its update, and for each "tensor" the norm of the way that it went and a few of its weights
  schedule E S SETTINGS   a run of E epochs of S steps; then the "rates" of the first hundred steps, and "momenta" where they move
  patience SETTINGS   the "ended" epoch of a run whose validation losses are validation_loss(0), (1), ...

Networks, losses and gradients are in float64, and the steps are those of keras.optimizers (version 3, on JAX) and torch.optim: what
is written here is only which of their arguments the settings of the library stand for. Numbers are rounded to 12 digits.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden"))
STEPS, SAMPLES, PACE = 5, 4, (1, 2, 0.5, 1, 0.25)


def spell(numbers):
    return " ".join(f"{float(x):.12g}" for x in numbers)


def read_start(folder):
    """Images divided by 255, labels, and {name: float64 array} of the initial weights."""
    import numpy
    from read_safetensors import read

    _, tensors = read(os.path.join(folder, "lenet5.safetensors"))
    arrays = {name: numpy.frombuffer(values, "<f4").astype(float).reshape(shape) for name, (shape, values) in tensors.items()}
    weights = {name[7:]: a for name, a in arrays.items() if name.startswith("weight.")}
    return arrays["images"] / 255, arrays["labels"].astype(int), weights


def print_run(out, settings, losses, start, weights):
    print("run", settings, file=out)
    print("losses", spell(losses), file=out)
    for name, begin in start.items():
        end = weights[name].reshape(-1)
        sample = [end[(k * 7919 + 13) % end.size] for k in range(SAMPLES)]
        print("tensor", name, spell([((end - begin.reshape(-1)) ** 2).sum() ** 0.5, *sample]), file=out)


def validation_loss(epoch):
    """A loss that falls, rests and rises again by turns."""
    return 2 / (1 + 0.3 * epoch) + ((epoch * 7) % 5) * 0.08


# ---------------------------------------------------------------------------------------------------------- Keras

# Settings of the library: optimiser of Keras, its arguments, and what is done beside it.
KERAS_RUNS = [
    ("optimizer=sgd", "SGD", {}, {}), ("optimizer=momentum", "SGD", dict(momentum=0.9), {}),
    ("optimizer=nesterov momentum=0.8", "SGD", dict(momentum=0.8, nesterov=True), {}),
    ("optimizer=rmsprop", "RMSprop", {}, {}),
    ("optimizer=rmsprop:rho=0.8:epsilon=0.01:momentum=0.7", "RMSprop", dict(rho=0.8, epsilon=0.01, momentum=0.7), {}),
    ("optimizer=adam", "Adam", {}, {}),
    ("optimizer=adam:beta1=0.8:beta2=0.95:epsilon=0.001", "Adam", dict(beta_1=0.8, beta_2=0.95, epsilon=0.001), {}),
    ("optimizer=adamw", "AdamW", {}, {}), ("optimizer=adamw weight-decay=0.5", "AdamW", dict(weight_decay=0.5), {}),
    ("optimizer=adagrad", "Adagrad", {}, {}),
    ("optimizer=adagrad:initial=0.001:epsilon=0.01", "Adagrad", dict(initial_accumulator_value=0.001, epsilon=0.01), {}),
    ("optimizer=nadam", "Nadam", {}, {}),
    ("optimizer=nadam:beta1=0.8:beta2=0.95:epsilon=0.001", "Nadam", dict(beta_1=0.8, beta_2=0.95, epsilon=0.001), {}),
    ("optimizer=sgd weight-decay=0.5 weight-decay-kind=decoupled", "SGD", dict(weight_decay=0.5), {}),
    ("optimizer=momentum weight-decay=0.1", "SGD", dict(momentum=0.9), dict(l2=0.1)),
    ("optimizer=adam weight-decay=0.1 clip-norm=0.05", "Adam", dict(global_clipnorm=0.05), dict(l2=0.1)),
    ("optimizer=momentum clip-norm=0.05", "SGD", dict(momentum=0.9, global_clipnorm=0.05), {}),
    ("optimizer=nesterov ema=0.9", "SGD", dict(momentum=0.9, nesterov=True, use_ema=True, ema_momentum=0.9), {}),
    ("optimizer=adam max-norm=1", "Adam", {}, dict(max_norm=1)),
]


def keras_gradients(x, labels):
    """A function of weights and the strength of the penalty: the whole loss with the data's, and the gradient of the whole."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    def pool(y):
        return lax.reduce_window(y, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def conv(y, w, name, pad):
        y = lax.conv_general_dilated(y, w[name + ".weight"], (1, 1), [(pad, pad)] * 2)
        return pool(jnp.maximum(y + w[name + ".bias"][:, None, None], 0))

    def dense(y, w, name):
        return y @ w[name + ".weight"].T + w[name + ".bias"]

    def losses(w, l2):
        y = conv(conv(x, w, "conv1", 2), w, "conv2", 0).reshape(len(x), -1)
        y = dense(jnp.maximum(dense(jnp.maximum(dense(y, w, "fc1"), 0), w, "fc2"), 0), w, "fc3")
        loss = -jax.nn.log_softmax(y)[jnp.arange(len(labels)), labels].mean()
        return loss + l2 * sum((w[name] ** 2).sum() for name in w if name.endswith("weight")), loss

    return jax.jit(jax.value_and_grad(losses, has_aux=True))


def run_keras(start, gradients, kind, arguments, beside):
    import keras
    import numpy

    optimizer = getattr(keras.optimizers, kind)(**arguments)
    limit = keras.constraints.MaxNorm(beside["max_norm"], axis=None) if "max_norm" in beside else None
    variables = {name: keras.Variable(w, dtype="float64", name=name.replace(".", "_")) for name, w in start.items()}
    optimizer.build(list(variables.values()))
    rate, losses = float(optimizer.learning_rate), []
    for pace in PACE:
        optimizer.learning_rate = rate * pace
        (_, loss), grads = gradients({name: v.value for name, v in variables.items()}, beside.get("l2", 0.0))
        losses.append(float(loss))
        optimizer.apply([grads[name] for name in variables])
        for name, v in variables.items():
            if limit and name.endswith("weight"):
                limit.axis = tuple(range(1, len(v.shape)))  # the unit comes first here, last in Keras
                v.assign(limit(v.value))
    if arguments.get("use_ema"):
        optimizer.finalize_variable_values(list(variables.values()))
    return losses, {name: numpy.array(v.value) for name, v in variables.items()}


def keras_schedules():
    """(epochs, steps of one, settings, object): hundred rates at most."""
    from keras.optimizers import schedules as s

    yield 10, 10, "lr=0.01 decay=0.8", s.ExponentialDecay(0.01, 10, 0.8, staircase=True)
    yield 4, 30, "lr=0.01 schedule=exponential-step decay=0.5", s.ExponentialDecay(0.01, 30, 0.5)
    yield 4, 30, "lr=0.01 schedule=exponential-step:7 decay=0.9", s.ExponentialDecay(0.01, 7, 0.9)
    yield 4, 30, "lr=0.01 schedule=inverse-time:0.05", s.InverseTimeDecay(0.01, 1, 0.05)
    yield 4, 25, "lr=0.01 schedule=polynomial", s.PolynomialDecay(0.01, 100)
    yield 4, 25, "lr=0.01 schedule=polynomial:power=2:end=0.001", s.PolynomialDecay(0.01, 100, 0.001, 2.0)
    yield 4, 25, "lr=0.01 schedule=polynomial:power=0.7", s.PolynomialDecay(0.01, 100, power=0.7)
    yield 4, 25, "lr=0.01 schedule=cosine", s.CosineDecay(0.01, 100)
    yield 4, 25, "lr=0.01 schedule=cosine:0.1", s.CosineDecay(0.01, 100, 0.1)
    yield 4, 25, "lr=0.01 schedule=cosine warmup=0.4", s.CosineDecay(0.0, 90, warmup_target=0.01, warmup_steps=10)


KERAS_PLATEAUS = [
    ("schedule=plateau", {}), ("schedule=plateau:factor=0.5:patience=2", dict(factor=0.5, patience=2)),
    ("schedule=plateau:0.5:1:0.05:2:0.0001", dict(factor=0.5, patience=1, min_delta=0.05, cooldown=2, min_lr=0.0001)),
]
KERAS_PATIENCES = [("patience=1", dict(patience=1)), ("patience=4", dict(patience=4)),
                   ("patience=3 min-delta=0.1", dict(patience=3, min_delta=0.1))]


def keras_model():
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    return model


def plateau_rates(arguments):
    """The rate of each of a hundred epochs, of one step each."""
    import keras

    model, callback = keras_model(), keras.callbacks.ReduceLROnPlateau(**arguments)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(100):
        yield model.optimizer.learning_rate
        callback.on_epoch_end(epoch, {"val_loss": validation_loss(epoch)})


def patience_end(arguments):
    import keras

    model, callback = keras_model(), keras.callbacks.EarlyStopping(**arguments)
    callback.set_model(model)
    callback.on_train_begin()
    epoch = 0
    while not model.stop_training:
        callback.on_epoch_end(epoch, {"val_loss": validation_loss(epoch)})
        epoch += 1
    return epoch


def make_keras(folder, out):
    os.environ.update(KERAS_BACKEND="jax", JAX_ENABLE_X64="1", JAX_PLATFORMS="cpu")
    import jax
    import keras

    keras.config.set_floatx("float64")
    print(f"# made by tools/golden-recipes.py with Keras {keras.__version__}, JAX {jax.__version__}, float64", file=out)
    x, labels, start = read_start(folder)
    gradients = keras_gradients(x, labels)
    for settings, kind, arguments, beside in KERAS_RUNS:
        losses, weights = run_keras(start, gradients, kind, arguments, beside)
        print_run(out, settings, losses, start, weights)
    for epochs, steps, settings, schedule in keras_schedules():
        print("schedule", epochs, steps, settings, file=out)
        print("rates", spell(schedule(step) for step in range(100)), file=out)
    for settings, arguments in KERAS_PLATEAUS:
        print("schedule 100 1 lr=0.01", settings, file=out)
        print("rates", spell(plateau_rates(arguments)), file=out)
    for settings, arguments in KERAS_PATIENCES:
        print("patience", settings, file=out)
        print("ended", patience_end(arguments), file=out)


# -------------------------------------------------------------------------------------------------------- PyTorch

# Settings of the library: optimiser of PyTorch, its arguments, the largest norm of the gradient.
PYTORCH_RUNS = [
    ("optimizer=momentum-pytorch", "SGD", dict(lr=0.01, momentum=0.9), None),
    ("optimizer=nesterov-pytorch momentum=0.8", "SGD", dict(lr=0.01, momentum=0.8, nesterov=True), None),
    ("optimizer=adam-pytorch", "Adam", {}, None),
    ("optimizer=adam-pytorch:beta1=0.8:beta2=0.95:epsilon=0.001", "Adam", dict(betas=(0.8, 0.95), eps=0.001), None),
    ("optimizer=adamw-pytorch", "AdamW", {}, None),
    ("optimizer=adamw-pytorch weight-decay=0.5", "AdamW", dict(weight_decay=0.5), None),
    # foreach: the other form of PyTorch 1.13 multiplies its next product by this step's momentum twice, corrected later
    ("optimizer=nadam-pytorch", "NAdam", dict(foreach=True), None),
    ("optimizer=nadam-pytorch:beta1=0.8:beta2=0.95:epsilon=0.001:momentum-decay=0.5", "NAdam",
     dict(betas=(0.8, 0.95), eps=0.001, momentum_decay=0.5, foreach=True), None),
    ("optimizer=rmsprop-pytorch lr=0.001", "RMSprop", dict(lr=0.001), None),
    ("optimizer=rmsprop-pytorch:momentum=0.7 lr=0.0003", "RMSprop", dict(lr=0.0003, momentum=0.7), None),
    ("optimizer=adagrad-pytorch", "Adagrad", {}, None),
    ("optimizer=adagrad-pytorch:initial=0.01:epsilon=0.01", "Adagrad", dict(initial_accumulator_value=0.01, eps=0.01), None),
    ("optimizer=sgd weight-decay=0.2 weight-decay-kind=l2-pytorch", "SGD", dict(lr=0.01, weight_decay=0.2), None),
    ("optimizer=adam-pytorch weight-decay=0.2 weight-decay-kind=l2-pytorch clip-norm=0.05", "Adam", dict(weight_decay=0.2), 0.05),
]


def run_pytorch(start, x, labels, kind, arguments, clip):
    import torch
    from torch.nn import functional as F

    w = {name: torch.tensor(a.tolist(), dtype=torch.float64, requires_grad=True) for name, a in start.items()}
    x, labels, losses = torch.tensor(x.tolist(), dtype=torch.float64), torch.tensor(labels.tolist()), []
    optimizer = getattr(torch.optim, kind)(list(w.values()), **arguments)
    rate = optimizer.param_groups[0]["lr"]
    for pace in PACE:
        optimizer.param_groups[0]["lr"] = rate * pace
        y = F.max_pool2d(F.relu(F.conv2d(x, w["conv1.weight"], w["conv1.bias"], padding=2)), 2)
        y = F.max_pool2d(F.relu(F.conv2d(y, w["conv2.weight"], w["conv2.bias"])), 2).flatten(1)
        for name in ("fc1", "fc2"):
            y = F.relu(F.linear(y, w[name + ".weight"], w[name + ".bias"]))
        loss = F.cross_entropy(F.linear(y, w["fc3.weight"], w["fc3.bias"]), labels)
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        if clip:
            torch.nn.utils.clip_grad_norm_(list(w.values()), clip)
        optimizer.step()
    import numpy

    return losses, {name: numpy.array(v.tolist()) for name, v in w.items()}


def pytorch_schedules():
    """(epochs, steps of one, settings, optimiser, its schedule, whether it is moved each step, whether the momentum moves)."""
    from torch.optim import lr_scheduler as s

    cycle = dict(max_lr=0.01, epochs=4, steps_per_epoch=25)
    yield 25, 4, "schedule=step:5", lambda o: s.StepLR(o, 5), False, False
    yield 25, 4, "schedule=step:every=3:factor=0.7", lambda o: s.StepLR(o, 3, 0.7), False, False
    yield 25, 4, "decay=0.9", lambda o: s.ExponentialLR(o, 0.9), False, False
    yield 4, 25, "schedule=one-cycle", lambda o: s.OneCycleLR(o, **cycle, cycle_momentum=False), True, False
    yield 4, 25, "schedule=one-cycle:start=0.41:div=10:final-div=100", lambda o: s.OneCycleLR(
        o, **cycle, cycle_momentum=False, pct_start=0.41, div_factor=10, final_div_factor=100), True, False
    yield 4, 25, "schedule=one-cycle-momentum", lambda o: s.OneCycleLR(o, **cycle), True, True
    yield 4, 25, "schedule=one-cycle-momentum:low=0.7:high=0.9", lambda o: s.OneCycleLR(
        o, **cycle, base_momentum=0.7, max_momentum=0.9), True, True


def print_pytorch_schedule(out, epochs, steps, settings, make, each_step, moves):
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.01, momentum=0.9)
    schedule, rates, momenta = make(optimizer), [], []
    for step in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        if step < 99 and (each_step or step % steps == steps - 1):
            schedule.step()
    print("schedule", epochs, steps, "lr=0.01 optimizer=momentum", settings, file=out)
    print("rates", spell(rates), file=out)
    if moves:
        print("momenta", spell(momenta), file=out)


def make_pytorch(folder, out):
    import torch

    torch.set_num_threads(1)
    print(f"# made by tools/golden-recipes.py with PyTorch {torch.__version__}, float64", file=out)
    x, labels, start = read_start(folder)
    for settings, kind, arguments, clip in PYTORCH_RUNS:
        losses, weights = run_pytorch(start, x, labels, kind, arguments, clip)
        print_run(out, settings, losses, start, weights)
    for row in pytorch_schedules():
        print_pytorch_schedule(out, *row)


def main(arguments):
    makers = {"keras": make_keras, "pytorch": make_pytorch}
    if len(arguments) != 2 or arguments[0] not in makers:
        sys.exit(__doc__)
    path = os.path.join(arguments[1], f"recipes-{arguments[0]}.txt")
    with open(path + ".part", "w", encoding="ascii") as out:
        makers[arguments[0]](arguments[1], out)
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main(sys.argv[1:])
