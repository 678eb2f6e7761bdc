"""The mirror's place in the smart home: a connection that is kept up, whatever the broker does."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mirrord.config import HubSettings
from mirrord.errors import Refused, Unavailable
from mirrord.hub.announcer import Announcer
from mirrord.hub.components import Say
from mirrord.hub.discovery import Card
from mirrord.hub.session import Mirror, Session
from mirrord.hub.topics import Topics
from mirrord.mqtt import Broker, Message, connected, secret_in, trusting
from mirrord.runtime.backoff import Backoff

_log = logging.getLogger(__name__)
KEEPALIVE_S: Final = 8  # the broker takes us for dead after one and a half of these
_LONGEST_S: Final = 3.0  # between attempts: a broker that is back has the state within 5 s
_PARKED_S: Final = 60.0  # wrong credentials are tried again, but seldom
_EARLY_S: Final = 5.0
_THROWN_OUT: Final = 3  # connections lost early in a row: another client has our id
_IDENTITY: Final = "identity"
_LARGEST: Final = 64 * 1024  # bytes of a message: a command has a few

State = Literal["off", "opening", "ready", "unavailable", "refused"]


@dataclass(frozen=True, slots=True)
class HubStatus:
    """How the connection fares; `error` is a sentence, or empty."""

    state: State = "off"
    where: str = ""
    error: str = ""


class Hub:
    """Runs for as long as the mirror does; nothing of the room waits for it."""

    def __init__(
        self,
        settings: HubSettings,
        mirror: Mirror,
        card: Card,
        say: Say,
        memory: MutableMapping[str, Any],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._mirror = mirror
        self._memory = memory
        self._changed = changed
        self._topics = topics_of(settings, memory)
        self._announcer = Announcer(
            settings.discovery, self._topics, card, say, settings.expressions, memory
        )
        self._backoff = Backoff(first_s=0.5, cap_s=_LONGEST_S)
        self._client_id = self._topics.node
        self._early = 0
        self.status = HubStatus("opening" if settings.host else "off")

    async def run(self) -> None:
        """Connect, and connect again, for ever; without a host there is nothing to do."""
        while self._settings.host:
            try:
                await self._serve()
            except Refused as error:
                self._show("refused", str(error))
                await asyncio.sleep(_PARKED_S)
            except Unavailable as error:
                self._show("unavailable", str(error))
                await asyncio.sleep(self._backoff.next_s())
            except Exception:  # a mistake of ours here must not end the mirror
                _log.exception("hub: failed")
                self._show("unavailable", "the hub failed; the log says how")
                await asyncio.sleep(_PARKED_S)
        await asyncio.Event().wait()

    async def _serve(self) -> None:
        broker = broker_of(self._settings, self._client_id, self._topics)
        session = Session(self._mirror, self._topics, self._announcer, self._settings.expressions)
        loop = asyncio.get_running_loop()
        async with connected(broker, self._memory, session.heard, session.denied) as link:
            self._backoff.worked()
            self._show("ready")
            since_s = loop.time()
            try:
                await session.run(link)
            finally:
                self._count_early(loop.time() - since_s)

    def _count_early(self, lasted_s: float) -> None:
        """Two clients of one id throw each other out for ever, unless one of them gives way."""
        self._early = self._early + 1 if lasted_s < _EARLY_S else 0
        if self._early == _THROWN_OUT:
            self._client_id = f"{self._topics.node}-{secrets.token_hex(3)}"
            _log.warning(
                "hub: the broker ends every connection at once, as if another client had the id %s;"
                " going on as %s",
                self._topics.node,
                self._client_id,
            )

    def _show(self, state: State, error: str = "") -> None:
        first = state != self.status.state
        if error:
            _log.log(logging.WARNING if first else logging.DEBUG, "hub: %s", error)
        elif first:
            _log.info("hub: connected to %s", self._settings.host)
        self.status = HubStatus(state, f"{self._settings.host}:{self._settings.port}", error)
        self._changed()


def topics_of(settings: HubSettings, memory: MutableMapping[str, Any]) -> Topics:
    """Return the mirror's topics. Its identity is made once, and stays."""
    if not memory.get(_IDENTITY):
        memory[_IDENTITY] = secrets.token_hex(4)
    return Topics(settings.base_topic, memory[_IDENTITY], settings.discovery_prefix)


def broker_of(settings: HubSettings, client_id: str, topics: Topics) -> Broker:
    """Return where to connect, with the will that says we are gone. Raises Refused."""
    tls = trusting(settings.ca_file, settings.cert_file, settings.key_file)
    return Broker(
        settings.host,
        settings.port,
        KEEPALIVE_S,
        settings.username,
        secret_in(settings.password_file),
        tls if settings.tls else None,
        client_id,
        Message(topics.availability, "offline", retain=True),
        _LARGEST,
    )
