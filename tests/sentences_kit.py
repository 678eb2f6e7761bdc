"""The sentences that the code can say to a person, read from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import mirrord

ROOT: Final = Path(mirrord.__file__).parent.parent
ROOTS: Final = (ROOT / "mirrord", ROOT / "drivers")
_HOLE: Final = re.compile(r"\{[^{}\"]*\}")


def bare(text: str) -> str:
    """Return a sentence without the names of its gaps, its first capital and its full stop."""
    text = " ".join(_HOLE.sub("{}", text).split())
    return text[:1].lower() + text[1:].removesuffix(".")


def _piece(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "{}"


def _called(node: ast.Call) -> list[ast.expr]:
    """Return what `text.format(...)` fills, and what `table.get(key, otherwise)` can give."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("format", "get"):
        return []
    return [node.func.value, *(node.args[1:] if node.func.attr == "get" else [])]


# What an expression of a kind can turn out to be.
WITHIN: Final[dict[type, Callable[[Any], list[ast.expr]]]] = {
    ast.IfExp: lambda node: [node.body, node.orelse],
    ast.BoolOp: lambda node: node.values,
    ast.Dict: lambda node: node.values,
    ast.Subscript: lambda node: [node.value],
    ast.Call: _called,
}


@dataclass
class Module:
    """One module, with what it assigns to names."""

    path: Path
    tree: ast.Module
    nodes: list[ast.AST]  # every one of the tree
    values: dict[str, list[ast.expr]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Module:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = cls(path, tree, list(ast.walk(tree)))
        for node in module.nodes:
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
            for target in targets:
                if isinstance(target, ast.Name) and getattr(node, "value", None) is not None:
                    module.values.setdefault(target.id, []).append(node.value)
        return module

    def texts(self, node: ast.AST | None, depth: int = 3) -> list[str]:
        """Return what an expression can say, with {} for what is filled in."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if isinstance(node, ast.JoinedStr):
            return ["".join(map(_piece, node.values))]
        if isinstance(node, ast.Name):
            within, depth = self.values.get(node.id, []) if depth else [], depth - 1
        else:
            within = WITHIN.get(type(node), lambda _: [])(node)
        return [text for one in within for text in self.texts(one, depth)]

    def every(self) -> Iterator[str]:
        """Return every text of the module that says more than a word."""
        for node in self.nodes:
            if isinstance(node, ast.Constant | ast.JoinedStr):
                yield from self.texts(node)

    def returned(self, functions: set[str]) -> Iterator[str]:
        """Return every text within some functions that looks like a part of a sentence."""
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in functions:
                for one in ast.walk(node):
                    if isinstance(one, ast.Return | ast.Assign):
                        yield from self.texts(one.value)

    def assigned(self, names: set[str]) -> Iterator[str]:
        """Return every text that an attribute of one of these names is set to."""
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Attribute) and target.attr in names:
                        yield from self.texts(node.value)

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Return every call with the name of what is called."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if name:
                    yield str(name), node


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the mirror, the collective and the drivers."""
    return tuple(Module.read(path) for root in ROOTS for path in sorted(root.rglob("*.py")))


def errors(read: Sequence[Module]) -> set[str]:
    """Return the names of all errors that a person is told in their own words."""
    found = {"MirrorError"}
    classes = [one for module in read for one in module.nodes if isinstance(one, ast.ClassDef)]
    while True:
        more = {
            one.name
            for one in classes
            if {getattr(base, "id", getattr(base, "attr", "")) for base in one.bases} & found
        }
        if more <= found:
            return found
        found |= more
