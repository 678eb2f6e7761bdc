"""What health is judged by: the state of every part, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mirrord.model import DriverStatus
from mirrord.wire import CameraState


@dataclass(frozen=True, slots=True)
class StoreSigns:
    """How the store is: "ok", "paused" (nothing can be written) or "recovered" after damage."""

    state: Literal["ok", "paused", "recovered"] = "ok"
    detail: str = ""
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A connection that is kept up to something beyond the room: the hub, the collective."""

    name: str
    state: Literal["off", "opening", "ready", "unavailable", "refused"]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on the disk, and what the mirror's own files take of what they may."""

    free_bytes: int
    kept_bytes: int
    budget_bytes: int


@dataclass(frozen=True, slots=True)
class Signs:
    """Everything that health is judged by."""

    now: datetime
    camera: CameraState
    camera_detail: str = ""
    camera_failed: bool = False  # since it last gave pictures: trying again is no recovery yet
    hot: bool = False
    cpu_temp_c: float | None = None
    restarts: int = 0  # of the vision process, within the last ten minutes
    store: StoreSigns = StoreSigns()
    drivers: Sequence[DriverStatus] = ()
    links: Sequence[Link] = ()
    disk: Disk | None = None
    waits: str = ""  # why the camera waits for a person: nobody has agreed that it looks
