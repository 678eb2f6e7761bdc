"""The OpenAPI document as a page to read: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from mirrord.api.markup import page, tag

_Schema = Mapping[str, Any]


def handbook(document: Mapping[str, Any]) -> bytes:
    """Return the page."""
    info = document["info"]
    families: dict[str, list[Element]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            section = _operation(document, method, path, operation)
            families.setdefault(operation["tags"][0], []).append(section)
    menu = (tag("li", tag("a", name, href=f"#{name}")) for name in families)
    parts = (
        tag("section", tag("h2", name, id=name), *sections) for name, sections in families.items()
    )
    body = tag(
        "body",
        tag(
            "header",
            tag("p", tag("a", "Back to the mirror", href="/"), class_="back"),
            tag("h1", f"{info['title']}: its records for programs"),
            tag("p", info["description"]),
            tag("p", "The same for machines: ", tag("a", "OpenAPI 3.1", href="../openapi.json")),
            tag("nav", tag("ul", *menu), aria_label="Families"),
        ),
        tag("main", *parts),
    )
    return page(tag("html", _head(info["title"]), body, lang="en"))


def _head(title: str) -> Element:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title}: its records for programs"),
        tag("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="handbook.css"),
    )


def _operation(document: _Schema, method: str, path: str, operation: _Schema) -> Element:
    parts = [
        tag("h3", tag("span", method.upper(), class_=method), " ", tag("code", path)),
        tag("p", operation["summary"], class_="summary"),
        tag("p", operation["description"]),
    ]
    if parameters := operation.get("parameters"):
        rows = ((one["name"], one["in"], _wanted(one)) for one in parameters)
        parts.append(_table("Parameters", ("name", "where", "what"), rows))
    if "requestBody" in operation:
        schema = _resolved(document, _schema_of(operation["requestBody"]))
        parts.append(_table("Body", ("name", "what"), _fields(schema)))
    parts += [
        _answer(document, status, said)
        for status, said in operation["responses"].items()
        if status < "300"
    ]
    return tag("article", *parts, id=operation["operationId"])


def _answer(document: _Schema, status: str, said: _Schema) -> Element:
    schema = _resolved(document, _schema_of(said))
    name, fields = f"Answer {status}", schema["properties"]
    if "data" in fields:
        name += ": data"
        schema = _resolved(document, fields["data"])
    elif "results" in fields:
        name += ": a page of"
        schema = _resolved(document, fields["results"]["items"])
    if schema.get("type") == "array":
        name += ", a list of"
        schema = _resolved(document, schema["items"])
    return tag("details", tag("summary", name), _table("Fields", ("name", "what"), _fields(schema)))


def _fields(schema: _Schema) -> Iterator[tuple[str, str]]:
    required = schema.get("required", ())
    for name, wanted in schema.get("properties", {}).items():
        said = _wanted({"schema": wanted, "required": name in required, **wanted})
        yield name, said


def _wanted(one: _Schema) -> str:
    schema = one["schema"]
    said = one.get("description") or _type(schema)
    if "default" in schema and schema["default"] is not None:
        return f"{said}; {schema['default']} if left out"
    return said if one.get("required") else f"{said}; may be left out"


def _type(schema: _Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in schema["enum"] if one is not None)
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {})}"
    return str(schema.get("description") or schema.get("format") or schema.get("type", "anything"))


def _table(caption: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Element:
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    body = (
        tag("tr", tag("th", tag("code", name), scope="row"), *(tag("td", one) for one in others))
        for name, *others in rows
    )
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))


def _schema_of(said: _Schema) -> _Schema:
    schema: _Schema = said["content"]["application/json"]["schema"]
    return schema


def _resolved(document: _Schema, schema: _Schema) -> _Schema:
    """Return what a schema refers to, or itself; of several the one that says most."""
    for one in schema.get("anyOf", ()):
        if one != {"type": "null"}:
            return _resolved(document, one)
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: _Schema = document["components"]["schemas"][name] if name else schema
    return found
