"""The mirror's state as one viewer gets it, so that pages hide what they may not do."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mirrord.api.caller import caller_of
from mirrord.web.mirror import MIRROR


def state_for(request: web.Request) -> dict[str, Any]:
    """Return the state, with the viewer's `user`, `role` and `scopes`."""
    caller = caller_of(request)
    scopes = [scope for scope in ("look", "read", "control") if scope in caller.scopes]
    viewer = {"user": caller.user, "role": caller.role, "scopes": scopes}
    return {**request.app[MIRROR].state(), "viewer": viewer}
