"""Writes small convolutional networks as ONNX files that OpenCV 4 and 5 compute alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 12
# The newest representation that opset 12 knew; pinned so that the same input gives the same bytes.
IR_VERSION = 7


@dataclass(frozen=True, slots=True)
class Tensor:
    """The output of a node: its name and the height (= width) of its planes."""

    name: str
    size: int


@dataclass(slots=True)
class Graph:
    """An ONNX graph under construction: one square input, nodes added in order of computation.

    Every padding is written out. OpenCV 5.0 silently miscomputes `auto_pad=SAME_UPPER`.
    """

    channels: int
    size: int
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    @property
    def input(self) -> Tensor:
        return Tensor("input", self.size)

    def conv(
        self,
        x: Tensor,
        kernel: np.ndarray,
        bias: np.ndarray | None = None,
        *,
        stride: int = 1,
        same: bool = True,
        group: int = 1,
    ) -> Tensor:
        """Return a convolution; `kernel` is (out, in / group, height, width)."""
        side = kernel.shape[2]
        pads = same_pads(x.size, side, stride) if same else (0, 0)
        inputs = [x.name, self._weight(kernel)]
        if bias is not None:
            inputs.append(self._weight(bias))
        size = (x.size + sum(pads) - side) // stride + 1
        return self._node(
            "Conv",
            inputs,
            size,
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[pads[0], pads[0], pads[1], pads[1]],
            group=group,
        )

    def max_pool(self, x: Tensor, side: int, stride: int) -> Tensor:
        begin, end = same_pads(x.size, side, stride)
        return self._node(
            "MaxPool",
            [x.name],
            (x.size + begin + end - side) // stride + 1,
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[begin, begin, end, end],
        )

    def relu(self, x: Tensor) -> Tensor:
        return self._node("Relu", [x.name], x.size)

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return self._node("Add", [a.name, b.name], a.size)

    def mean(self, x: Tensor) -> Tensor:
        """Return the mean of each plane, as a vector."""
        pooled = self._node("GlobalAveragePool", [x.name], 1)
        return self._node("Flatten", [pooled.name], 1, axis=1)

    def dense(self, x: Tensor, weights: np.ndarray, bias: np.ndarray) -> Tensor:
        """Return x @ weights + bias; `weights` is (in, out)."""
        inputs = [x.name, self._weight(weights), self._weight(bias)]
        return self._node("Gemm", inputs, 1)

    def save(self, path: Path, logits: Tensor, classes: int, about: dict[str, str]) -> None:
        """Write the file and print its checksum."""
        self.nodes[-1].output[0] = "logits"
        if logits.name != f"n{len(self.nodes)}":
            raise ValueError("the logits have to be the last node")
        shape = [1, self.channels, self.size, self.size]
        graph = helper.make_graph(
            self.nodes,
            path.stem,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, classes])],
            self.weights,
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="mood-mirror"
        )
        helper.set_model_props(model, about)
        onnx.checker.check_model(model, full_check=True)
        data = model.SerializeToString(deterministic=True)
        path.write_bytes(data)
        print(f"{hashlib.sha256(data).hexdigest()}  {path.name}  {len(data)} bytes")

    def _weight(self, values: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        array = np.ascontiguousarray(values, np.float32)
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def _node(self, kind: str, inputs: list[str], size: int, **attributes: object) -> Tensor:
        name = f"n{len(self.nodes) + 1}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return Tensor(name, size)


def same_pads(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return (before, after) as TensorFlow's padding "same" has them: the odd one comes after."""
    out = -(-size // stride)
    total = max((out - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def conv_kernel(kernel: np.ndarray) -> np.ndarray:
    """Return TensorFlow's (height, width, in, out) as ONNX's (out, in, height, width)."""
    return kernel.transpose(3, 2, 0, 1)


def depthwise_kernel(kernel: np.ndarray) -> np.ndarray:
    """Return TensorFlow's (height, width, channels, 1) as ONNX's (channels, 1, height, width)."""
    return kernel.transpose(2, 3, 0, 1)
