"""The nets of the templates in PyTorch, written from their papers and torchvision's sources; compares what they answer.

Called with a folder, a bound and names: <name>.json tells where each weight lies in <name>.weights (float32).
"""
import json
import os
import sys

import numpy
import torch
from torch.nn import functional as F

relu = F.relu


class Net:
    """Weights by name, and the layers that use them."""

    def __init__(self, folder, name):
        with open(os.path.join(folder, f"{name}.json")) as f:
            facts = json.load(f)
        read = lambda end: numpy.fromfile(os.path.join(folder, f"{name}.{end}"), "float32")
        flat = read("weights")
        self.weights = {e["name"]: torch.tensor(flat[e["offset"]:e["offset"] + e["count"]].reshape(e["shape"])) for e in facts["index"]}
        self.x = torch.tensor(read("input").reshape(facts["input"]))
        self.y = torch.tensor(read("output").reshape(facts["output"]))
        self.used = set()

    def get(self, name):
        if name in self.weights:
            self.used.add(name)
        return self.weights.get(name)

    def conv(self, name, x, **options):
        return F.conv2d(x, self.get(f"{name}.kernel"), self.get(f"{name}.bias"), **options)

    def norm(self, name, x, epsilon=1e-5):
        return F.batch_norm(x, self.get(f"{name}.mean"), self.get(f"{name}.variance"), self.get(f"{name}.scale"), self.get(f"{name}.bias"), False, 0, epsilon)

    def dense(self, name, x):
        return x @ self.get(f"{name}.kernel") + self.get(f"{name}.bias")


def average(x):
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


def block(stage, k, count):
    """Path of the k-th of a stage's blocks: the first stands alone, the others repeat."""
    return f"stage-{stage}/" + ("first" if k == 0 else "others" if count == 2 else f"others#{k}")


def resnet_stem(n):
    return F.max_pool2d(relu(n.norm("stem/norm-1", n.conv("stem/conv-1", n.x, stride=2, padding=3))), 3, 2, 1)


def resnet(n, counts, bottleneck, groups=1):
    x = resnet_stem(n)
    for s, count in enumerate(counts, 1):
        for k in range(count):
            p, stride = block(s, k, count), 2 if k == 0 and s > 1 else 1
            if bottleneck:
                y = relu(n.norm(f"{p}/norm-1", n.conv(f"{p}/conv-1", x)))
                y = relu(n.norm(f"{p}/norm-2", n.conv(f"{p}/conv-2", y, stride=stride, padding=1, groups=groups)))
                y, last = n.norm(f"{p}/norm-3", n.conv(f"{p}/conv-3", y)), "norm-4"
            else:
                y = relu(n.norm(f"{p}/norm-1", n.conv(f"{p}/conv-1", x, stride=stride, padding=1)))
                y, last = n.norm(f"{p}/norm-2", n.conv(f"{p}/conv-2", y, padding=1)), "norm-3"
            projected = k == 0 and (bottleneck or s > 1)
            x = relu(y + (n.norm(f"{p}/{last}", n.conv(f"{p}/shortcut-1", x, stride=stride)) if projected else x))
    return n.dense("dense-1", average(x))


def cifar_resnet(n, count, projected):
    x = relu(n.norm("stem/norm-1", n.conv("stem/conv-1", n.x, padding=1)))
    for s, width in enumerate([16, 32, 64], 1):
        for k in range(count):
            p, stride = block(s, k, count), 2 if k == 0 and s > 1 else 1
            y = relu(n.norm(f"{p}/norm-1", n.conv(f"{p}/conv-1", x, stride=stride, padding=1)))
            y = n.norm(f"{p}/norm-2", n.conv(f"{p}/conv-2", y, padding=1))
            if stride == 2 and projected:
                x = n.norm(f"{p}/norm-3", n.conv(f"{p}/shortcut-1", x, stride=2))
            elif stride == 2:
                x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, width // 4, width // 4))
            x = relu(y + x)
    return n.dense("dense-1", average(x))


def wide_resnet(n, count):
    x = n.conv("conv-1", n.x, padding=1)
    for s in range(1, 4):
        for k in range(count):
            p, stride = block(s, k, count), 2 if k == 0 and s > 1 else 1
            active = relu(n.norm(f"{p}/norm-1", x))
            y = n.conv(f"{p}/conv-1", active, stride=stride, padding=1)
            y = n.conv(f"{p}/conv-2", relu(n.norm(f"{p}/norm-2", y)), padding=1)
            x = y + (n.conv(f"{p}/shortcut-1", active, stride=stride) if k == 0 else x)
    return n.dense("dense-1", average(relu(n.norm("norm-1", x))))


def densenet(n, counts, x):
    for b, count in enumerate(counts, 1):
        for k in range(1, count + 1):
            p = f"dense-block-{b}#{k}"
            y = n.conv(f"{p}/conv-1", relu(n.norm(f"{p}/norm-1", x)))
            x = torch.cat([x, n.conv(f"{p}/conv-2", relu(n.norm(f"{p}/norm-2", y)), padding=1)], 1)
        if b < len(counts):
            p = f"transition-{b}"
            x = F.avg_pool2d(n.conv(f"{p}/conv-1", relu(n.norm(f"{p}/norm-1", x))), 2, 2)
    return n.dense("dense-1", average(relu(n.norm("norm-1", x))))


def googlenet(n, norms):
    def conv(p, i, x, **options):
        y = n.conv(f"{p}/conv-{i}", x, **options)
        return relu(n.norm(f"{p}/norm-{i}", y, 1e-3) if norms else y)

    response = lambda x: x if norms else F.local_response_norm(x, 5, 1e-4, 0.75, 1.0)
    pool = lambda x, kernel=3: F.max_pool2d(x, kernel, 2, ceil_mode=True)
    x = response(pool(conv("stem", 1, n.x, stride=2, padding=3)))
    x = pool(response(conv("stem", 3, conv("stem", 2, x), padding=1)))
    for name in ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"]:
        x = pool(x) if name == "4a" else pool(x, 2 if norms else 3) if name == "5a" else x
        p = f"inception-{name}"
        branches = [conv(p, 1, x), conv(p, 3, conv(p, 2, x), padding=1), conv(p, 5, conv(p, 4, x), padding=1 if norms else 2), conv(p, 6, F.max_pool2d(x, 3, 1, 1))]
        x = torch.cat(branches, 1)
    return n.dense("dense-1", average(x))


def squeezenet(n, pools):
    x = relu(n.conv("conv-1", n.x, stride=2))
    for f in range(2, 10):
        x = F.max_pool2d(x, 3, 2, ceil_mode=True) if f in pools else x
        s = relu(n.conv(f"fire-{f}/squeeze-1", x))
        x = torch.cat([relu(n.conv(f"fire-{f}/expand-1", s)), relu(n.conv(f"fire-{f}/expand-2", s, padding=1))], 1)
    return average(relu(n.conv("conv-2", x)))


def three_dense(n, x):
    return n.dense("dense-3", relu(n.dense("dense-2", relu(n.dense("dense-1", x.flatten(1))))))


def response(x):
    """Krizhevsky et al., section 3.3: k 2, n 5, alpha 1e-4 of the sum, which PyTorch divides by n."""
    return F.local_response_norm(x, 5, 5e-4, 0.75, 2.0)


def alexnet(n, groups):
    between = response if groups > 1 else lambda x: x
    x = F.max_pool2d(between(relu(n.conv("conv-1", n.x, stride=4, padding=2))), 3, 2)
    x = F.max_pool2d(between(relu(n.conv("conv-2", x, padding=2, groups=groups))), 3, 2)
    x = relu(n.conv("conv-4", relu(n.conv("conv-3", x, padding=1)), padding=1, groups=groups))
    return three_dense(n, F.max_pool2d(relu(n.conv("conv-5", x, padding=1, groups=groups)), 3, 2))


def zfnet(n):
    x = response(F.max_pool2d(relu(n.conv("conv-1", n.x, stride=2, padding=1)), 3, 2, 1))
    x = response(F.max_pool2d(relu(n.conv("conv-2", x, stride=2)), 3, 2, 1))
    for i in (3, 4, 5):
        x = relu(n.conv(f"conv-{i}", x, padding=1))
    return three_dense(n, F.max_pool2d(x, 3, 2))


def vgg(n, counts):
    x = n.x
    for s, count in enumerate(counts, 1):
        for k in range(1, count + 1):
            x = relu(n.conv(f"stage-{s}" + (f"#{k}" if count > 1 else "") + "/conv-1", x, padding=1))
        x = F.max_pool2d(x, 2)
    return three_dense(n, x)


def nin(n):
    def mlpconv(p, x, padding):
        return relu(n.conv(f"{p}/conv-3", relu(n.conv(f"{p}/conv-2", relu(n.conv(f"{p}/conv-1", x, padding=padding))))))

    x = F.max_pool2d(mlpconv("mlpconv", n.x, 2), 3, 2, ceil_mode=True)
    x = F.avg_pool2d(mlpconv("mlpconv-2", x, 2), 3, 2, ceil_mode=True)
    return average(mlpconv("mlpconv-3", x, 1))


def unet(n):
    def twice(p, x):
        return relu(n.norm(f"{p}/norm-2", n.conv(f"{p}/conv-2", relu(n.norm(f"{p}/norm-1", n.conv(f"{p}/conv-1", x, padding=1))), padding=1)))

    def up(p, x, skip):
        return twice(p, torch.cat([skip, F.conv_transpose2d(x, n.get(f"{p}/up-1.kernel"), n.get(f"{p}/up-1.bias"), stride=2)], 1))

    fine = twice("level", n.x)
    middle = twice("down-1", F.max_pool2d(fine, 2))
    coarse = twice("down-2", F.max_pool2d(middle, 2))
    return n.conv("conv-1", up("up-1", up("up-2", coarse, middle), fine))


def lenet(n):
    def subsample(name, x):
        return torch.tanh(4 * F.avg_pool2d(x, 2) * n.get(f"{name}.kernel").view(1, -1, 1, 1) + n.get(f"{name}.bias").view(1, -1, 1, 1))

    x = subsample("scale-1", torch.tanh(n.conv("conv-1", n.x, padding=2)))
    x = subsample("scale-2", torch.tanh(n.conv("conv-2", x))).flatten(1)
    return n.dense("dense-3", torch.tanh(n.dense("dense-2", torch.tanh(n.dense("dense-1", x)))))


NETS = {
    "lenet-5-classic": lenet, "alexnet": lambda n: alexnet(n, 1), "alexnet-groups": lambda n: alexnet(n, 2), "zfnet": zfnet, "vgg-11": lambda n: vgg(n, [1, 1, 2, 2, 2]), "nin": nin,
    "googlenet": lambda n: googlenet(n, True), "googlenet-2014": lambda n: googlenet(n, False), "squeezenet-1.0": lambda n: squeezenet(n, (2, 5, 9)), "squeezenet-1.1": lambda n: squeezenet(n, (2, 4, 6)),
    "resnet-18": lambda n: resnet(n, [2, 2, 2, 2], False), "resnet-50": lambda n: resnet(n, [3, 4, 6, 3], True), "resnext-50": lambda n: resnet(n, [3, 4, 6, 3], True, 32),
    "resnet-20": lambda n: cifar_resnet(n, 3, False), "resnet-20-projection": lambda n: cifar_resnet(n, 3, True), "wide-resnet-16-4": lambda n: wide_resnet(n, 2),
    "densenet-121": lambda n: densenet(n, [6, 12, 24, 16], resnet_stem(n)), "densenet-bc": lambda n: densenet(n, [16, 16, 16], n.conv("conv-1", n.x, padding=1)), "u-net-small": unet,
}

folder, bound, *names = sys.argv[1:]
failed = 0
print(f"Answers for two samples beside PyTorch {torch.__version__}: largest difference of a probability.\n\n| net | difference | largest probability |\n|---|--:|--:|")
for name in names:
    net = Net(folder, name)
    with torch.no_grad():
        answer = torch.softmax(NETS[name](net), 1)
    difference = (answer - net.y).abs().max().item()
    # Auxiliary heads take no part in an answer.
    left = [w for w in net.weights if w not in net.used and not w.startswith("auxiliary")]
    ok = difference <= float(bound) and not left
    failed += not ok
    print(f"| {name} | {difference:.1e}{'' if ok else ' **too large**'} | {net.y.max().item():.3f} |{' weights left: ' + ', '.join(left[:3]) if left else ''}")
sys.exit(1 if failed else 0)
