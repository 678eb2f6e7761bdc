"""The route table: every resource under /emotions/, in the order of the document."""

from __future__ import annotations

from typing import Final

from mirrord.api.resource import Resource
from mirrord.api.resources.course import COURSE
from mirrord.api.resources.environment import ENVIRONMENT
from mirrord.api.resources.readings import READINGS
from mirrord.api.resources.sessions import SESSIONS
from mirrord.api.resources.system import SYSTEM

RESOURCES: Final[tuple[Resource, ...]] = (
    *COURSE,
    *READINGS,
    *SESSIONS,
    *ENVIRONMENT,
    *SYSTEM,
)
