"""The names of topics: what a mirror says, and where it listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VERSION: Final = "v1"  # of the tree; a change that could break an automation makes it v2


@dataclass(frozen=True, slots=True)
class Topics:
    """The tree `<base>/v1/<identity>/...` of one mirror, and the hub's own topics."""

    base: str
    identity: str
    discovery_prefix: str

    @property
    def root(self) -> str:
        return f"{self.base}/{VERSION}/{self.identity}"

    @property
    def node(self) -> str:
        """What the device is called in discovery topics and unique ids."""
        return f"mirrord_{self.identity}"

    @property
    def availability(self) -> str:
        return f"{self.root}/availability"

    @property
    def event(self) -> str:
        return f"{self.root}/event"

    @property
    def error(self) -> str:
        return f"{self.root}/error"

    @property
    def commands(self) -> str:
        """The filter that every command matches."""
        return f"{self.root}/set/#"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.discovery_prefix}/status"

    @property
    def device(self) -> str:
        """The one discovery topic of the whole device."""
        return f"{self.discovery_prefix}/device/{self.node}/config"

    def document(self, name: str) -> str:
        return f"{self.root}/{name}"

    def command(self, name: str) -> str:
        return f"{self.root}/set/{name}"

    def component(self, platform: str, key: str) -> str:
        """The discovery topic of a single component, for hubs that know no devices."""
        return f"{self.discovery_prefix}/{platform}/{self.node}/{key}/config"

    def command_in(self, topic: str) -> str | None:
        """Return the name of the command that a topic carries, or None."""
        start = f"{self.root}/set/"
        return topic[len(start) :] if topic.startswith(start) else None
