"""What outlives the mirror: its settings, its records, its people, what was agreed to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from mirrord.accounts import Accounts
from mirrord.config import Config, accounts_path, consent_path, store_path
from mirrord.consent import Consent
from mirrord.controls import Controls
from mirrord.driver_host import installed_plugins
from mirrord.runtime.boot_clock import BootClock
from mirrord.settings.overlay_file import Layers
from mirrord.settings.start import settings_to_start_with
from mirrord.smart_home import HUB
from mirrord.store import Store
from mirrord.store.dating import Dating

_CONTROLS: Final = "controls"
_MEMORY: Final = "memory."
_RELEASE: Final = "updates"


@dataclass(frozen=True, slots=True)
class Files:
    """What the mirror wakes up with. `clock` tells what happened when, also of earlier starts."""

    layers: Layers
    clock: BootClock
    store: Store
    accounts: Accounts
    consent: Consent


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Files]:
    """Open everything, the settings as they were changed on the page. Raises MirrorError."""
    layers = await asyncio.to_thread(settings_to_start_with, config)
    base, clock = layers.base, BootClock()
    consent, in_use = Consent(consent_path(base)), store_path(base).exists()
    async with (
        _store(layers.config, clock) as store,
        Accounts.open(accounts_path(base)) as accounts,
    ):
        in_use = in_use and await accounts.has_owner()
        await asyncio.to_thread(consent.begin, in_use)
        yield Files(layers, clock, store, accounts, consent)


def _store(config: Config, clock: BootClock) -> AbstractAsyncContextManager[Store]:
    kept = config.store
    return Store.open(
        store_path(config),
        kept.flush_s,
        kept.keep_days,
        kept.max_mb,
        outbox_mb=config.sync.outbox_mb,
        dating=Dating(clock.boot, clock.ms, clock.is_set),
    )


@dataclass(frozen=True, slots=True)
class Memory:
    """What drivers, hub, the person's hand and the last answer leave in the store."""

    store: Store
    of: dict[str, Any]  # by the name of a driver, or HUB
    controls: object
    release: object  # what was answered last

    @classmethod
    async def read(cls, store: Store, config: Config) -> Memory:
        """Read what was left. Raises Unavailable."""
        names = {*installed_plugins(), *config.drivers, HUB}
        of = {name: await store.get_setting(_MEMORY + name) or {} for name in names}
        controls = await store.get_setting(_CONTROLS)
        return cls(store, of, controls, await store.get_setting(_RELEASE))

    def keep(self, driver: str, values: dict[str, Any]) -> None:
        """Keep what a driver remembers."""
        self.store.set_setting(_MEMORY + driver, values)

    def keep_release(self, answered: object) -> None:
        """Keep what was said of the newest version."""
        self.store.set_setting(_RELEASE, answered)

    def keep_controls(self, controls: Controls) -> None:
        """Keep what the person has set."""
        self.store.set_setting(_CONTROLS, msgspec.to_builtins(controls))
