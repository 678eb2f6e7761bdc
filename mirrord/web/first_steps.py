"""Where the first start stands, so that it goes on at the step where somebody left it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from aiohttp import web

from mirrord.api.asked import Nothing
from mirrord.api.caller import Caller, caller_of
from mirrord.api.mount import mount
from mirrord.api.reply import Handler
from mirrord.api.resource import Resource
from mirrord.web.access.gate import see_other
from mirrord.web.access.rules import is_document

# Before there is an owner the browser itself remembers how far it is.
Step = Literal["consent", "password", "camera", "devices", "look"]
At = Annotated[Step | None, msgspec.Meta(description="the step to go on with; null at the end")]


class FirstSteps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The step that comes next; None where none does."""

    at: At


@dataclass(slots=True)
class Steps:
    """Keeps the step that comes next; `keep` has it outlive a restart."""

    at: Step | None
    keep: Callable[[dict[str, Step | None]], None]

    def go_to(self, at: Step | None) -> None:
        self.at = at
        self.keep({"at": at})


def step_of(saved: object) -> Step | None:
    """Return a saved step; None for anything else."""
    try:
        return msgspec.convert(saved, FirstSteps).at if saved else None
    except msgspec.ValidationError:
        return None


async def read(steps: Steps, _caller: Caller, _asked: Nothing) -> FirstSteps:
    """Answer where it stands."""
    return FirstSteps(steps.at)


async def go_on(steps: Steps, _caller: Caller, asked: FirstSteps) -> FirstSteps:
    """Go on with a step, or end."""
    steps.go_to(asked.at)
    return asked


_PATH: Final = "api/first_steps/"
FIRST_STEPS: Final = (
    Resource("GET", _PATH, "read", "Where the first start is.", Nothing, FirstSteps, read),
    Resource(
        "POST", _PATH, "control", "The first start goes on there.", FirstSteps, FirstSteps, go_on
    ),
)


def first_steps_part(steps: Steps) -> Callable[[web.Application], None]:
    """Return the part that keeps the step, and leads whoever opens the mirror to it."""

    @web.middleware
    async def lead(request: web.Request, handler: Handler) -> web.StreamResponse:
        opens = request.path == "/" and is_document(request)
        if opens and steps.at and "control" in caller_of(request).scopes:
            return see_other("/welcome")
        return await handler(request)

    def add(app: web.Application) -> None:
        app.middlewares.append(lead)
        mount(app, FIRST_STEPS, steps)

    return add
