"""Every resource of the mirror that its description tells of: the records', and its own."""

from __future__ import annotations

from typing import Final

from mirrord.api.resource import Resource
from mirrord.api.resources.table import RESOURCES
from mirrord.web.consent import CONSENT
from mirrord.web.first_steps import FIRST_STEPS
from mirrord.web.privacy import PRIVACY
from mirrord.web.room import ROOM

DEVICE: Final[tuple[Resource, ...]] = (*RESOURCES, *PRIVACY, *ROOM, *CONSENT, *FIRST_STEPS)
