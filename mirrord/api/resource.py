"""One row of the route table: all that routing, checking and documenting a resource needs."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, get_origin

import msgspec

from mirrord.api.caller import Caller, Scope
from mirrord.api.paging import Page

# The first argument is what the row is mounted with: the records, or another part of the mirror.
Answerer = Callable[[Any, Caller, Any], Awaitable[Any]]
_IN_PATH = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Resource:
    """What is at an address, for one method. A list's `answerer` returns a `Found`."""

    method: Literal["GET", "POST", "DELETE"]
    path: str  # below /emotions/
    scope: Scope
    summary: str
    asked: type[msgspec.Struct]
    answer: Any  # the type of the envelope's data, or Page[...], which comes without envelope
    answerer: Answerer
    status: int = 200
    conflicts: bool = False  # what is well-formed may still be refused as it stands (409)

    @property
    def paged(self) -> bool:
        return get_origin(self.answer) is Page

    @property
    def path_names(self) -> list[str]:
        return _IN_PATH.findall(self.path)

    @property
    def has_body(self) -> bool:
        """Whether something is asked besides the path, in the body of a POST."""
        return self.method == "POST" and len(self.asked.__struct_fields__) > len(self.path_names)

    @property
    def name(self) -> str:
        """The name of the operation, such as get_readings_by_session."""
        words = re.sub(r"[{}]", "", self.path.removeprefix("api/")).strip("/").split("/")
        return "_".join((self.method.lower(), *words))

    @property
    def family(self) -> str:
        """The word that groups it with others: readings, sessions, ..."""
        return self.path.removeprefix("api/").partition("/")[0]
