"""Every resource of the mirror that its description tells of: the records', and its own."""

from __future__ import annotations

from typing import Final

from mirrord.api.resource import Resource
from mirrord.api.resources.table import RESOURCES
from mirrord.web.consent import CONSENT
from mirrord.web.corrections import CORRECTIONS
from mirrord.web.first_steps import FIRST_STEPS
from mirrord.web.forget import FORGET
from mirrord.web.privacy import PRIVACY
from mirrord.web.room import ROOM
from mirrord.web.why import WHY

DEVICE: Final[tuple[Resource, ...]] = (
    *RESOURCES,
    *WHY,
    *CORRECTIONS,
    *PRIVACY,
    *FORGET,
    *ROOM,
    *CONSENT,
    *FIRST_STEPS,
)
