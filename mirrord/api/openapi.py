"""The OpenAPI 3.1 document, made from the route table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec

from mirrord.api.caller import Scope
from mirrord.api.mount import PREFIX
from mirrord.api.reply import Failure
from mirrord.api.resource import Resource

_REF: Final = "#/components/schemas/{name}"
_SCOPES: Final[Mapping[Scope, str]] = {
    "look": "to see the mood now",
    "read": "to see what was recorded",
    "control": "to change something",
}
_REFUSALS: Final[Mapping[str, str]] = {
    "400": "A parameter is unknown, missing or wrong; `details` names it.",
    "401": "Sign in first.",
    "403": "The caller lacks the right.",
    "404": "There is no such record, or no such page.",
    "408": "The body did not arrive in time.",
    "413": "The body is too large.",
    "415": "The body is no application/json.",
    "503": "The records cannot be read or written now.",
}
_FOR_BODIES: Final = ("408", "413", "415")
_CONFLICT: Final[Mapping[str, str]] = {"409": "It cannot be; the message says why."}


def document(
    resources: Iterable[Resource], version: str, anybody: Collection[Scope] = ()
) -> dict[str, Any]:
    """Return the OpenAPI document of these resources; `anybody` has these scopes."""
    table = list(resources)
    types = [Failure, *(kind for row in table for kind in (row.asked, row.answer))]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    of_answer = dict(zip((row.name for row in table), schemas[2::2], strict=True))
    asked = {row.asked.__name__ for row in table}
    sent = {row.asked.__name__ for row in table if row.has_body}
    paths: dict[str, Any] = {}
    for row in table:
        operation = _operation(row, components, of_answer[row.name])
        if row.scope in anybody:
            operation["security"] = [{}, {"token": []}]
        paths.setdefault(PREFIX + row.path, {})[row.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mood Mirror",
            "version": version,
            "description": _INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {
                name: schema
                for name, schema in sorted(components.items())
                if name not in asked or name in sent
            },
            "responses": {
                status: _json(said, {"$ref": _REF.format(name="Failure")})
                for status, said in {**_REFUSALS, **_conflicts(table)}.items()
            },
            "securitySchemes": {"token": _TOKEN},
        },
    }


def _conflicts(table: Iterable[Resource]) -> Mapping[str, str]:
    return _CONFLICT if any(row.conflicts for row in table) else {}


_INTRODUCTION: Final = (
    "What the mirror has recorded. Lists come in pages, newest first; everything else, and every "
    "error, comes in one envelope. Times are UTC."
)
_TOKEN: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "`Authorization: Token <key>`. A browser that has signed in needs none.",
}


def _operation(row: Resource, components: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": row.name,
        "tags": [row.family],
        "summary": row.summary,
        "description": f"Takes the right '{row.scope}': {_SCOPES[row.scope]}.",
        "responses": {
            str(row.status): _json(row.summary, answer if row.paged else _enveloped(row, answer)),
            **{
                status: {"$ref": f"#/components/responses/{status}"}
                for status in _REFUSALS
                if row.has_body or status not in _FOR_BODIES
            },
            **{
                status: {"$ref": f"#/components/responses/{status}"} for status in _conflicts([row])
            },
        },
    }
    if parameters := _parameters(row, components[row.asked.__name__]):
        operation["parameters"] = parameters
    if row.has_body:
        schema = {"$ref": _REF.format(name=row.asked.__name__)}
        operation["requestBody"] = {**_json("", schema), "required": True}
        del operation["requestBody"]["description"]
    return operation


def _parameters(row: Resource, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path" if name in row.path_names else "query",
            "required": name in schema.get("required", ()),
            "description": wanted.get("description", ""),
            "schema": _plain(wanted),
        }
        for name, wanted in schema["properties"].items()
        if name in row.path_names or not row.has_body
    ]


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parameter's schema without null: a query cannot say it, only leave it out."""
    others = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(others) == 1:
        return {**others[0]}
    return {key: value for key, value in schema.items() if key != "description"}


def _enveloped(row: Resource, answer: Any) -> dict[str, Any]:
    fields = {
        "success": {"const": True},
        "message": {"type": "string"},
        "data": answer,
        "status_code": {"const": row.status},
    }
    return {"type": "object", "properties": fields, "required": list(fields)}


def _json(description: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
