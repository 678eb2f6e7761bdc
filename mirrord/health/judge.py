"""Judges a running mirror: what it is now, and what it has been through."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mirrord.health.disk import DiskWatch
from mirrord.health.health import Health, health_of
from mirrord.health.signs import Link, Signs, StoreSigns
from mirrord.health.watch import CameraWatch, Recently
from mirrord.model import DriverStatus
from mirrord.runtime import wall
from mirrord.wire import CameraSeen, CameraState, VisionHealth


class Judge:
    """Remembers what a look at the present does not show. `disk` wants to be run."""

    def __init__(self, database: Path, budget_bytes: Callable[[], int]) -> None:
        self.disk = DiskWatch(database, budget_bytes)
        self._camera = CameraWatch(time.monotonic())
        self._restarts = Recently()

    def saw(self, camera: CameraState) -> None:
        """Note what the camera does now."""
        self._camera.take(camera, time.monotonic())

    def health(
        self,
        camera: CameraSeen,
        vision: VisionHealth | None,
        restarts: int,
        store: StoreSigns,
        drivers: Sequence[DriverStatus],
        links: Sequence[Link],
        waits: str = "",
    ) -> Health:
        """Return how the mirror is; `restarts` of the vision process since the start.

        `waits` says why the camera waits for a person, if it does.
        """
        now_s = time.monotonic()
        return health_of(
            Signs(
                wall.now(),
                camera.state,
                camera.detail,
                self._camera.failed(now_s),
                vision is not None and vision.pace == "hot",
                vision.cpu_temp_c if vision else None,
                self._restarts.count(restarts, now_s),
                store,
                drivers,
                links,
                self.disk.found,
                waits,
            )
        )
