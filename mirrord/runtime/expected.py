"""What a setting has to be, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import inspect

STEP = re.compile(r"\[[^\]]*\]|[^.\[]+")


def types_at(info: inspect.Type, path: str) -> list[inspect.Type]:
    """Return the types that `path` ("camera.fps", "thermostats[0]") may have within `info`."""
    here = list(_flat([info]))
    for step in STEP.findall(path):
        here = list(_flat(_within(here, step)))
    return here


def field_names(types: Iterable[inspect.Type]) -> list[str]:
    """Return the keys of the tables among `types`."""
    return [field.encode_name for info in types for field in _fields(info)]


def expected(types: Iterable[inspect.Type]) -> str:
    """Return "a whole number from 1 to 16", "one of mirror, still", "a number or text", ...

    A type with a `msgspec.Meta(description=...)` is told in those words.
    """
    words = [_words(info) for info in types if not isinstance(info, inspect.NoneType)]
    return " or ".join(dict.fromkeys(words))


def given(value: Any) -> str:
    """Say what somebody wrote: numbers as they are; text only as such, it may be a secret."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    kinds: dict[type, str] = {str: "text", list: "a list", dict: "a table"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _flat(types: Iterable[inspect.Type]) -> Iterator[inspect.Type]:
    for info in types:
        if isinstance(info, inspect.UnionType):
            yield from _flat(info.types)
        elif isinstance(info, inspect.Metadata) and not _description(info):
            yield from _flat([info.type])
        else:
            yield info


def _within(types: Iterable[inspect.Type], step: str) -> Iterator[inspect.Type]:
    for info in map(_bare, types):
        if not step.startswith("["):
            yield from (field.type for field in _fields(info) if field.encode_name == step)
        elif isinstance(info, inspect.DictType):
            yield info.value_type
        elif isinstance(info, inspect.TupleType):
            yield info.item_types[int(step[1:-1])]
        else:
            item: inspect.Type | None = getattr(info, "item_type", None)
            yield from [] if item is None else [item]


def _fields(info: inspect.Type) -> tuple[inspect.Field, ...]:
    info = _bare(info)
    return info.fields if isinstance(info, inspect.StructType) else ()


def _bare(info: inspect.Type) -> inspect.Type:
    return info.type if isinstance(info, inspect.Metadata) else info


def _description(info: inspect.Metadata) -> str:
    return str((info.extra_json_schema or {}).get("description", ""))


def _words(info: inspect.Type) -> str:
    if isinstance(info, inspect.Metadata):
        return _description(info)
    words = _WORDS.get(type(info))
    return words(info) if words else f"a {type(info).__name__.removesuffix('Type').lower()}"


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    if info.ge is not None and info.le is not None:
        return f" from {info.ge:.10g} to {info.le:.10g}"
    bounds = [
        f"{word} {bound:.10g}"
        for word, bound in (
            ("of at least", info.ge),
            ("above", info.gt),
            ("up to", info.le),
            ("below", info.lt),
            ("that is a multiple of", info.multiple_of),
        )
        if bound is not None
    ]
    return " " + " and ".join(bounds) if bounds else ""


def _text(info: inspect.StrType) -> str:
    if info.pattern:
        return f"text of the form {info.pattern}"
    if info.max_length is not None:
        return f"text of {info.min_length or 0} to {info.max_length} characters"
    return "text that is not empty" if info.min_length else "text"


def _list(info: inspect.ListType | inspect.VarTupleType) -> str:
    low, high = info.min_length, info.max_length
    if high is not None:
        return f"a list of {low or 0} to {high} entries"
    return f"a list of at least {low} entries" if low else "a list"


def _choice(values: Iterable[Any]) -> str:
    return "one of " + ", ".join(str(value) for value in values)


_WORDS: dict[type[inspect.Type], Callable[[Any], str]] = {
    inspect.BoolType: lambda _: "true or false",
    inspect.IntType: lambda info: "a whole number" + _range(info),
    inspect.FloatType: lambda info: "a number" + _range(info),
    inspect.StrType: _text,
    inspect.LiteralType: lambda info: _choice(info.values),
    inspect.EnumType: lambda info: _choice(member.value for member in info.cls),
    inspect.StructType: lambda _: "a table",
    inspect.DictType: lambda _: "a table",
    inspect.ListType: _list,
    inspect.VarTupleType: _list,
    inspect.TupleType: lambda info: f"a list of {len(info.item_types)} values",
}
