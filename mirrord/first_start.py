"""What the page's first start needs of the running mirror: consent, the step to go on with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, Protocol

from mirrord.consent import Consent, Room
from mirrord.driver_host import installed_plugins
from mirrord.engine import Engine
from mirrord.store import Store
from mirrord.web.app import Part
from mirrord.web.consent import Consenting, consent_part
from mirrord.web.first_steps import Step, Steps, first_steps_part, step_of

_STEP: Final = "first_steps"


class Agreeing(Protocol):
    """A mirror whose eye opens and closes with consent."""

    @property
    def engine(self) -> Engine: ...
    @property
    def consent(self) -> Consent: ...
    async def agree(self, by: str, room: Room) -> None: ...
    async def withdraw(self, by: str) -> None: ...


async def first_start(mirror: Agreeing, store: Store) -> list[Part]:
    """Return the parts of the page that lead through the first start."""

    def keep(step: dict[str, Step | None]) -> None:
        store.set_setting(_STEP, step)

    def source() -> int | str:
        return mirror.engine.config.camera.source

    steps = Steps(step_of(await store.get_setting(_STEP)), keep)
    consenting = Consenting(mirror.consent, source, mirror.agree, mirror.withdraw)
    return [first_steps_part(steps), consent_part(consenting)]


def program_folders() -> list[Path]:
    """Return where the running program's files are: the mirror's and its drivers'."""
    here = Path(__file__).parent
    packages = {plugin.config.__module__ for plugin in installed_plugins().values()}
    return [here, *sorted(_folders(packages))]


def _folders(modules: set[str]) -> set[Path]:
    found = set()
    for name in modules:
        package = sys.modules.get(name.partition(".")[0])
        file = getattr(package, "__file__", None)
        if file:
            found.add(Path(file).parent)
    return found
