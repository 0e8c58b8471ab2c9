"""The same net, batches and steps in TensorFlow's own Keras, for check:tensorflow: commands as JSON lines, answers likewise."""
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy
import tensorflow as tf


class Adam(keras.optimizers.Adam):
    """Adam as its paper's first form and PyTorch have it: Keras adds epsilon before the moment's correction."""

    def __init__(self, rate, epsilon):
        super().__init__(rate)
        self.plain = epsilon

    def update_step(self, gradient, variable, learning_rate):
        step = tf.cast(self.iterations.value + 1, tf.float32)
        self.epsilon = self.plain * tf.sqrt(1 - tf.pow(tf.constant(self.beta_2, tf.float32), step))
        super().update_step(gradient, variable, learning_rate)


OPTIMIZERS = {
    "sgd": lambda o, rate: keras.optimizers.SGD(rate, momentum=o["momentum"]),
    "adam": lambda o, rate: Adam(rate, o["epsilon"]),
}


def build(layers, shape):
    """A chain of Keras layers from class names and configurations; weights are ours, kernels [O, I, h, w]."""
    net = keras.Sequential([keras.Input((*shape[1:], shape[0])), keras.layers.Rescaling(1 / 255)])
    for layer in layers:
        made = getattr(keras.layers, layer["class_name"])(**layer["config"])
        net.add(made)
        if layer["weights"]:
            made.set_weights([w.transpose(2, 3, 1, 0) if w.ndim == 4 else w for w in (numpy.array(w["data"], "float32").reshape(w["shape"]) for w in layer["weights"])])
    return net


def pictures(path, shape):
    """uint8 pictures of a file, channels last."""
    return numpy.fromfile(path, "uint8").reshape(-1, *shape).transpose(0, 2, 3, 1).astype("float32")


class Training:
    def __init__(self, job):
        self.batch, self.at = job["batch"], 0
        self.shape = job["shape"]
        self.net = build(job["layers"], self.shape)
        self.net.compile(OPTIMIZERS[job["optimizer"]["kind"]](job["optimizer"], job["rate"]), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        order = numpy.fromfile(job["order"], "<i4")
        self.x = pictures(job["pictures"], self.shape)[order]
        self.y = numpy.fromfile(job["labels"], "<i4")[order]

    def next(self, steps):
        """The samples of the next steps, from the start again where too few are left."""
        first = self.at if (self.at + steps) * self.batch <= len(self.x) else 0
        self.at = first + steps
        where = slice(first * self.batch, self.at * self.batch)
        return self.x[where], self.y[where]

    def steps(self, count):
        """Loss of each step and the seconds of all, one call a batch."""
        x, y = self.next(count)
        losses, started = [], time.perf_counter()
        for i in range(0, len(x), self.batch):
            self.net.reset_metrics()
            losses.append(float(self.net.train_on_batch(x[i:i + self.batch], y[i:i + self.batch])))
        return {"losses": losses, "seconds": time.perf_counter() - started}

    def fit(self, count):
        """Seconds of so many steps in one call."""
        x, y = self.next(count)
        started = time.perf_counter()
        self.net.fit(x, y, batch_size=self.batch, shuffle=False, verbose=0)
        return {"seconds": time.perf_counter() - started}

    def accuracy(self, job):
        answers = self.net.predict(pictures(job["pictures"], self.shape), batch_size=1000, verbose=0)
        return float((answers.argmax(1) == numpy.fromfile(job["labels"], "<i4")).mean())


if __name__ == "__main__":
    if threads := os.environ.get("NETLOOM_THREADS"):
        tf.config.threading.set_intra_op_parallelism_threads(int(threads))
    print(json.dumps({"keras": keras.__version__, "tensorflow": tf.__version__}), flush=True)
    training = None
    for line in sys.stdin:
        [(name, argument)] = json.loads(line).items()
        if name == "open":
            training = Training(argument)
            print(json.dumps(True), flush=True)
        else:
            print(json.dumps(getattr(training, name)(argument)), flush=True)
