"""The same training step in PyTorch, for the benchmark: reads networks as JSON lines, prints images per second."""
import json
import os
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {
    "none": lambda x: x, "relu": F.relu, "leaky-relu": lambda x: F.leaky_relu(x, 0.01), "sigmoid": torch.sigmoid,
    "tanh": torch.tanh, "relu6": F.relu6, "silu": F.silu, "gelu": F.gelu, "hard-swish": F.hardswish, "hard-sigmoid": F.hardsigmoid,
    "softmax": lambda x: x,  # the loss takes logits
}


def pads(layer, size):
    """(left, right, top, bottom) for F.pad; `same` puts the odd pixel at the end."""
    p = layer["params"]
    kernel, stride, dilation = p["kernel"], p.get("stride", [1, 1]), p.get("dilation", [1, 1])
    mode = p.get("padding", "valid")
    if mode == "valid":
        return (0, 0, 0, 0)
    if mode == "explicit":
        top, right, bottom, left = p["edges"]
        return (left, right, top, bottom)
    out = []
    for axis in (1, 0):
        extent = (kernel[axis] - 1) * dilation[axis] + 1
        if mode == "full":
            out += [extent - 1, extent - 1]
        else:
            total = max((-(-size[axis] // stride[axis]) - 1) * stride[axis] + extent - size[axis], 0)
            out += [total // 2, total - total // 2]
    return tuple(out)


class Held(nn.Module):
    """Trained numbers that are no layer of PyTorch."""

    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(*shape))


class Net(nn.Module):
    """Runs the layers of a Netloom network in their order."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.mods = nn.ModuleDict()
        for i, layer in enumerate(layers):
            p, shapes = layer["params"], layer["inputShapes"]
            if layer["type"] == "conv2d":
                self.mods[str(i)] = nn.Conv2d(shapes[0][0], p["filters"], tuple(p["kernel"]), tuple(p["stride"]), 0, tuple(p["dilation"]), p["groups"], p["bias"])
            elif layer["type"] == "depthwise-conv":
                maps = shapes[0][0] * p["multiplier"]
                self.mods[str(i)] = nn.Conv2d(shapes[0][0], maps, tuple(p["kernel"]), tuple(p["stride"]), 0, tuple(p["dilation"]), shapes[0][0], p["bias"])
            elif layer["type"] == "conv1d":
                assert p["kernel"] == 1, "torch_reference: a Conv1D of each place by itself"
                self.mods[str(i)] = nn.Conv1d(shapes[0][0], p["filters"], 1, bias=p["bias"])
            elif layer["type"] == "layer-norm":
                self.mods[str(i)] = nn.LayerNorm(shapes[0] if p["over"] == "all" else shapes[0][0], p["epsilon"])
            elif layer["type"] in ("class-token", "layer-scale"):
                self.mods[str(i)] = Held(shapes[0][0])
            elif layer["type"] == "position-embedding":
                self.mods[str(i)] = Held(*shapes[0])
            elif layer["type"] == "dense":
                self.mods[str(i)] = nn.Linear(shapes[0][0], p["units"], p["bias"])
            elif layer["type"] == "conv-transpose":
                # "same" only: stride times as large; the odd row of kernel − stride is cut at the end.
                cut = [max(k - s, 0) for k, s in zip(p["kernel"], p["stride"])]
                assert p["padding"] == "same" and all(c % 2 == 0 for c in cut), "torch_reference: an evenly padded ConvTranspose"
                self.mods[str(i)] = nn.ConvTranspose2d(shapes[0][0], p["filters"], tuple(p["kernel"]), tuple(p["stride"]), tuple(c // 2 for c in cut), 0, 1, p["bias"])
            elif layer["type"] == "batch-norm":
                self.mods[str(i)] = (nn.BatchNorm2d if len(shapes[0]) == 3 else nn.BatchNorm1d)(shapes[0][0], p["epsilon"], 1 - p["momentum"])

    def forward(self, x):
        values = {}
        for i, layer in enumerate(self.layers):
            kind, p = layer["type"], layer["params"]
            ins = [values[name] for name in layer["inputs"]]
            a = ins[0] if ins else x
            if kind in ("conv2d", "depthwise-conv"):
                pad = pads(layer, a.shape[2:])
                y = ACTIVATIONS[p["activation"]](self.mods[str(i)](F.pad(a, pad) if any(pad) else a))
            elif kind in ("conv-transpose", "conv1d"):
                y = ACTIVATIONS[p["activation"]](self.mods[str(i)](a))
            elif kind == "dense":
                y = ACTIVATIONS[p["activation"]](self.mods[str(i)](a))
            elif kind == "batch-norm":
                y = self.mods[str(i)](a)
            elif kind == "max-pool":
                pad = pads(layer, a.shape[2:])
                y = F.max_pool2d(F.pad(a, pad, value=float("-inf")) if any(pad) else a, tuple(p["kernel"]), tuple(p["stride"]))
            elif kind == "average-pool":
                y = F.avg_pool2d(a, tuple(p["kernel"]), tuple(p["stride"]))
            elif kind == "global-average-pool":
                y = a.mean((2, 3))
            elif kind == "flatten":
                y = a.flatten(1)
            elif kind == "add":
                y = sum(ins[1:], ins[0])
            elif kind == "multiply":
                y = ins[0] * ins[1].reshape(*ins[1].shape, *[1] * (ins[0].dim() - ins[1].dim()))
            elif kind == "matmul":
                first, second = (v.mT if p[turn] else v for v, turn in zip(ins, ("transposeFirst", "transposeSecond")))
                y = first @ second / (first.shape[-1] ** 0.5 if p["scale"] == "root" else 1)
            elif kind == "layer-norm":
                y = self.mods[str(i)](a) if p["over"] == "all" else self.mods[str(i)](a.movedim(1, -1)).movedim(-1, 1)
            elif kind == "class-token":
                y = torch.cat([self.mods[str(i)].weight[:, None].expand(len(a), -1, 1), a], 2)
            elif kind == "position-embedding":
                y = a + self.mods[str(i)].weight
            elif kind == "layer-scale":
                y = a * self.mods[str(i)].weight.reshape(-1, *[1] * (a.dim() - 2))
            elif kind in ("tokens", "split-heads", "join-heads"):
                y = a.reshape(len(a), *layer["shape"])
            elif kind == "take-token":
                y = a[:, :, p["index"]]
            elif kind == "channel-slice":
                y = a.chunk(p["parts"], 1)[p["part"] - 1]
            elif kind == "channel-shuffle":
                y = a.unflatten(1, (p["groups"], -1)).transpose(1, 2).flatten(1, 2)
            elif kind == "softmax" and p["over"] == "rows":
                y = torch.softmax(a, -1)
            elif kind == "concat":
                y = torch.cat(ins, 1)
            elif kind in ("relu", "relu6", "silu", "gelu", "hard-swish", "hard-sigmoid", "sigmoid", "tanh", "softmax"):
                y = ACTIVATIONS[kind](a)
            elif kind == "dropout":
                y = F.dropout(a, p["rate"], self.training)
            elif kind in ("input", "output"):
                y = a
            else:
                raise SystemExit(f"torch_reference: no PyTorch twin of layer {kind}")
            values[layer["id"]] = y
        return y


def load_weights(net, path, index):
    """Copies float32 weights by layer; a dense kernel is stored [in, out]."""
    data = numpy.fromfile(path, dtype="<f4")
    names = {"kernel": "weight", "scale": "weight", "bias": "bias", "mean": "running_mean", "variance": "running_var", "token": "weight", "position": "weight"}
    decays = []
    with torch.no_grad():
        for entry in index:
            i = str(next(k for k, layer in enumerate(net.layers) if layer["id"] == entry["layer"]))
            value = torch.from_numpy(data[entry["offset"]:entry["offset"] + entry["count"]].copy()).reshape(entry["shape"])
            target = getattr(net.mods[i], names[entry["name"]])
            target.copy_(value.t() if net.layers[int(i)]["type"] == "dense" and entry["name"] == "kernel" else value)
            if isinstance(target, nn.Parameter):
                decays.append((target, entry["decays"]))
    return decays


def train(job):
    """Losses of `steps` steps from given weights over given batches, which are cycled."""
    kind = torch.float64 if job["double"] else torch.float32
    net = Net(job["layers"])
    decays = load_weights(net, job["weights"], job["index"])
    net.to(kind).train()
    groups = [{"params": [p for p, d in decays if d], "weight_decay": job["decay"]}, {"params": [p for p, d in decays if not d], "weight_decay": 0.0}]
    if job["optimizer"] == "sgd":
        optimizer = torch.optim.SGD(groups, lr=job["rate"], momentum=0.9)
    else:
        optimizer = torch.optim.AdamW(groups, lr=job["rate"])
    shape = job["layers"][0]["shape"]
    x = torch.from_numpy(numpy.fromfile(job["inputs"], dtype="<f4")).reshape(-1, job["batch"], *shape).to(kind)
    y = torch.from_numpy(numpy.fromfile(job["labels"], dtype="<i4")).reshape(x.shape[0], job["batch"], *job["places"]).long()
    losses = []
    for step in range(job["steps"]):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(x[step % len(x)]), y[step % len(x)])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


class Training:
    """One net, one batch of random pictures, SGD with momentum: the step that the rounds repeat."""

    def __init__(self, job):
        torch.manual_seed(1)
        self.device = torch.device(job["device"])
        self.net = Net(job["layers"]).to(self.device).train()
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9)
        self.batch = job["batch"]
        self.x = torch.rand(self.batch, *job["layers"][0]["shape"], device=self.device)
        self.y = torch.randint(0, job["classes"], (self.batch,), device=self.device)

    def round(self, steps):
        """Images per second over `steps` steps; the device has finished them."""
        started = time.perf_counter()
        for _ in range(steps):
            self.optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(self.net(self.x), self.y)
            loss.backward()
            self.optimizer.step()
            loss.item()  # as our step does: each answers its loss
        return self.batch * steps / (time.perf_counter() - started)


if __name__ == "__main__":
    if threads := os.environ.get("NETLOOM_THREADS"):
        torch.set_num_threads(int(threads))
    print(json.dumps({"version": torch.__version__, "cuda": torch.cuda.is_available(), "threads": torch.get_num_threads()}), flush=True)
    training = None
    for line in sys.stdin:
        command = json.loads(line)
        if "train" in command:
            print(json.dumps(train(command["train"])), flush=True)
        elif "open" in command:
            training = Training(command["open"])
            print(json.dumps(True), flush=True)
        else:
            print(json.dumps(training.round(command["steps"])), flush=True)
