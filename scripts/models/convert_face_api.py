"""Converts the expression network of npm's `@vladmandic/face-api` to ONNX.

    npm pack @vladmandic/face-api@1.7.15
    python scripts/models/convert_face_api.py vladmandic-face-api-1.7.15.tgz \
        mirrord/vision/models/face_api.onnx

Four dense blocks of depthwise-separable convolutions, a mean, a dense layer. The file holds 8-bit
weights with a scale and an offset each; they are written as the floats they stand for.
"""

from __future__ import annotations

import json
import math
import sys
import tarfile
from pathlib import Path

import numpy as np
from graph import Graph, Tensor, conv_kernel, depthwise_kernel

MEMBER = "package/model/face_expression_model"
ABOUT = {"source": "npm @vladmandic/face-api 1.7.15, face_expression_model", "licence": "MIT"}
SIZE = 112
BLOCKS = 4

Weights = dict[str, np.ndarray]


def read_weights(package: str) -> Weights:
    """Return the weights of a TensorFlow.js manifest, dequantized."""
    with tarfile.open(package) as archive:
        manifest = json.loads(_member(archive, "-weights_manifest.json"))
        data = _member(archive, ".bin")
    weights: Weights = {}
    offset = 0
    for entry in manifest[0]["weights"]:
        quantized = entry.get("quantization")
        kind = np.dtype(quantized["dtype"] if quantized else entry["dtype"])
        count = math.prod(entry["shape"])
        values = np.frombuffer(data, kind, count, offset).astype(np.float64)
        offset += count * kind.itemsize
        if quantized:
            values = values * quantized["scale"] + quantized["min"]
        weights[entry["name"]] = values.reshape(entry["shape"])
    if offset != len(data):
        raise ValueError(f"{package}: {len(data) - offset} bytes of weights left over")
    return weights


def _member(archive: tarfile.TarFile, ending: str) -> bytes:
    file = archive.extractfile(MEMBER + ending)
    if file is None:
        raise ValueError(f"{MEMBER}{ending} is no file")
    return file.read()


def separable_conv(graph: Graph, x: Tensor, weights: Weights, name: str, stride: int) -> Tensor:
    """Return a depthwise convolution followed by one that mixes the channels."""
    depthwise = depthwise_kernel(weights[f"{name}/depthwise_filter"])
    inner = graph.conv(x, depthwise, group=len(depthwise), stride=stride)
    pointwise = conv_kernel(weights[f"{name}/pointwise_filter"])
    return graph.conv(inner, pointwise, weights[f"{name}/bias"])


def dense_block(graph: Graph, x: Tensor, weights: Weights, name: str) -> Tensor:
    """Return a block: each convolution sees the rectified sum of all before it."""
    if f"{name}/conv0/filters" in weights:
        kernel = conv_kernel(weights[f"{name}/conv0/filters"])
        first = graph.conv(x, kernel, weights[f"{name}/conv0/bias"], stride=2)
    else:
        first = separable_conv(graph, x, weights, f"{name}/conv0", 2)
    # The first output is rectified before it enters the sum; the others only within the sum.
    total = rectified = graph.relu(first)
    for index in (1, 2, 3):
        out = separable_conv(graph, rectified, weights, f"{name}/conv{index}", 1)
        total = graph.add(total, out)
        rectified = graph.relu(total)
    return rectified


def build(weights: Weights) -> tuple[Graph, Tensor]:
    """Return the whole network and its logits."""
    graph = Graph(3, SIZE)
    x = graph.input
    for block in range(BLOCKS):
        x = dense_block(graph, x, weights, f"dense{block}")
    return graph, graph.dense(graph.mean(x), weights["fc/weights"], weights["fc/bias"])


def main(package: str, output: str) -> None:
    """Convert the network in a package and write it."""
    graph, logits = build(read_weights(package))
    graph.save(Path(output), logits, 7, ABOUT)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
