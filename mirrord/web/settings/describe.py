"""What a table of the settings may hold, as data that a page can draw: made from its type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from mirrord.runtime.expected import expected, types_at
from mirrord.web.settings.fixed import is_file

_UNITS = {"s": "s", "c": "°C", "mb": "MB", "px": "px", "pct": "%", "days": "d", "hz": "Hz"}
_MARKS = ("expert", "file")
_SECRET = re.compile(r"(^|_)(password|token|secret|api_key)$")


def fields_of(kind: type[msgspec.Struct]) -> list[dict[str, Any]]:
    """Return one description for each key of a table, in the order of the type.

    Each has `name`, `kind` (switch, whole, number, choice, text, list, table), `expected` (words),
    `default` where there is one, `label`, and where they apply `min`, `max`, `above`, `below`,
    `choices`, `unit`, `item` (of a list), `fields` (of a table), `optional`, `secret`, `help`.
    A type may add `title`, `description`, `examples` and `extra={"expert": True}` with
    msgspec.Meta, and `extra={"file": "wav:"}` where a text that begins so names a file. `fixed`
    are those that name one in any case: they are only shown (`mirrord.web.settings.fixed`).
    """
    info = inspect.type_info(kind)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{kind} is no table")
    return [_field(field) for field in info.fields]


def is_secret(name: str) -> bool:
    """Tell whether the value of a key must not be shown."""
    return bool(_SECRET.search(name))


def _field(field: inspect.Field) -> dict[str, Any]:
    described = {
        "name": field.encode_name,
        "label": field.encode_name.rpartition("_")[0]
        if _unit(field.encode_name)
        else field.encode_name,
        "expected": expected(types_at(field.type, "")),
        **_kind(field.type),
        **_told(field.type),
    }
    described["label"] = described["label"].replace("_", " ").capitalize()
    if unit := _unit(field.encode_name):
        described["unit"] = unit
    if is_secret(field.encode_name) and described["kind"] != "choice":
        described["secret"] = True
    if is_file(field.encode_name):
        described["fixed"] = True
    if not field.required:
        described["default"] = _default(field)
    return described


def _default(field: inspect.Field) -> Any:
    made = field.default_factory
    return msgspec.to_builtins(field.default if made is msgspec.NODEFAULT else made())


def _unit(name: str) -> str:
    return _UNITS.get(name.rpartition("_")[2], "") if "_" in name else ""


def _kind(info: inspect.Type) -> dict[str, Any]:
    """Return how to draw a value; of a union, the most general one of its types."""
    kind = _KINDS.get(type(info))
    return kind(info) if kind else {"kind": "other"}


def _union(info: inspect.UnionType) -> dict[str, Any]:
    types = info.types
    kinds = [_kind(one) for one in types if not isinstance(one, inspect.NoneType)]
    optional = {"optional": True} if len(kinds) < len(types) else {}
    if len(kinds) == 1:
        return kinds[0] | optional
    words = {one["kind"] for one in kinds}
    if words == {"text", "whole"}:  # a name or a number, such as a camera
        return {"kind": "text", "numbers": True} | optional
    number = words == {"whole", "number"}
    return {"kind": "number" if number else "text" if "text" in words else "other"} | optional


def _bounds(info: inspect.IntType | inspect.FloatType) -> dict[str, Any]:
    named = {"min": info.ge, "max": info.le, "above": info.gt, "below": info.lt}
    return {name: bound for name, bound in named.items() if bound is not None}


def _choice(values: Iterable[Any]) -> dict[str, Any]:
    return {"kind": "choice", "choices": list(values)}


def _list(info: inspect.ListType | inspect.VarTupleType) -> dict[str, Any]:
    return {"kind": "list", "item": _kind(info.item_type), **_length(info)}


def _length(info: Any) -> dict[str, Any]:
    named = {"shortest": info.min_length, "longest": info.max_length}
    return {name: length for name, length in named.items() if length is not None}


def _told(info: inspect.Type) -> dict[str, Any]:
    """Return what a driver's author says of the key himself."""
    if not isinstance(info, inspect.Metadata):
        return {}
    schema: Mapping[str, Any] = info.extra_json_schema or {}
    said: dict[str, Any] = {"label": schema.get("title"), "help": schema.get("description")}
    said["examples"] = schema.get("examples")
    marks = {name: one for name, one in (info.extra or {}).items() if name in _MARKS and one}
    return {name: text for name, text in said.items() if text} | marks


_KINDS: dict[type[inspect.Type], Callable[[Any], dict[str, Any]]] = {
    inspect.Metadata: lambda info: _kind(info.type),
    inspect.UnionType: _union,
    inspect.BoolType: lambda _: {"kind": "switch"},
    inspect.IntType: lambda info: {"kind": "whole", **_bounds(info)},
    inspect.FloatType: lambda info: {"kind": "number", **_bounds(info)},
    inspect.StrType: lambda info: {"kind": "text", **_length(info)},
    inspect.LiteralType: lambda info: _choice(info.values),
    inspect.EnumType: lambda info: _choice(member.value for member in info.cls),
    inspect.ListType: _list,
    inspect.VarTupleType: _list,
    inspect.StructType: lambda info: {
        "kind": "table",
        "fields": [_field(field) for field in info.fields],
    },
}
