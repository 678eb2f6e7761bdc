"""Tells the home network where the mirror's page is: `http://<name>.local:8080`, by multicast DNS.

RFC 6762 and 6763. Nothing but the name, the addresses and the port is said.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from zeroconf import (  # type: ignore[attr-defined]  # one of them is not in __all__
    AddressResolver,
    DNSQuestionType,
    IPVersion,
)
from zeroconf import Error as ZeroconfError
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from mirrord.runtime.backoff import Backoff
from mirrord.whereabouts import addresses_of, label_of

_log = logging.getLogger(__name__)

SERVICE: Final = "_http._tcp.local."
LOOK_S: Final = 10.0  # between two looks at the addresses
PROBE_S: Final = 1.5  # for somebody else to answer to the name
START_S: Final = 8.0
END_S: Final = 3.0
_STEP_ASIDE_S: Final = 2.0
_MOST_TRIES: Final = 50


class Announcer:
    """Announces the page while `run` runs, anew whenever this machine's addresses change.

    `name` is the mirror's, `host` and `port` where its page listens. `on_name` hears the host's
    name that others can use ("hall.local"), and "" when there is none. `addresses` lists the
    addresses; `interfaces` are those to speak on, all that have an address if not given.
    """

    def __init__(
        self,
        name: str,
        port: int,
        host: str,
        on_name: Callable[[str], None],
        *,
        addresses: Callable[[str], Sequence[str]] = addresses_of,
        interfaces: Sequence[str] | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        self._title = name
        self._port = port
        self._host = host
        self._on_name = on_name
        self._addresses = addresses
        self._interfaces = interfaces
        self._look_s = look_s
        self._ever: set[str] = set()  # what may still be remembered of us is no stranger's
        self._retry = Backoff(5.0, 300.0)

    async def run(self) -> None:
        """Announce until cancelled, then withdraw. What stands in the way is tried again."""
        while True:
            try:
                await self._while_the_same()
                continue
            except (OSError, ZeroconfError, TimeoutError, ValueError) as error:
                pause_s = self._retry.next_s()
                level = logging.WARNING if self._retry.failures == 1 else logging.DEBUG
                said = str(error) or type(error).__name__
                _log.log(level, "the page is not announced in the network (%s)", said)
            await asyncio.sleep(pause_s)

    async def _while_the_same(self) -> None:
        """Announce until the addresses change, or somebody else goes by our name."""
        addresses = list(await asyncio.to_thread(self._addresses, self._host))
        if not addresses:
            await asyncio.sleep(self._look_s)
            return
        self._ever.update(addresses)
        others: list[str] = []
        async with self._announced(addresses) as (network, server):
            self._retry.worked()
            while addresses == list(await asyncio.to_thread(self._addresses, self._host)):
                if others := self._strangers(network, server):
                    _log.info("%s goes by %s as well: another name is taken", others[0], server)
                    break
                await asyncio.sleep(self._look_s)
        await asyncio.sleep(random.uniform(0.0, _STEP_ASIDE_S) if others else 0.0)

    @asynccontextmanager
    async def _announced(
        self, addresses: Sequence[str]
    ) -> AsyncIterator[tuple[AsyncZeroconf, str]]:
        speak_on = self._interfaces or [one for one in addresses if ":" not in one]
        network = AsyncZeroconf(interfaces=list(speak_on), ip_version=IPVersion.V4Only)
        try:
            async with asyncio.timeout(START_S):
                server = await self._free_name(network)
                await self._register(network, server, addresses)
            name = server.rstrip(".")
            _log.info("the page is announced in the network as %s", name)
            self._on_name(name)
            try:
                yield network, server
            finally:
                self._on_name("")
        finally:
            closing = asyncio.create_task(_closed(network), name="withdrawing the page")
            try:
                await asyncio.shield(closing)
            finally:  # whoever stops us waits that long
                await asyncio.wait({closing})

    async def _free_name(self, network: AsyncZeroconf) -> str:
        """Return the first name that nobody else answers to."""
        await network.zeroconf.async_wait_for_start()
        label = label_of(self._title)
        for number in range(1, _MOST_TRIES):
            server = f"{label}.local." if number == 1 else f"{label}-{number}.local."
            asked = AddressResolver(server)
            await asked.async_request(network.zeroconf, PROBE_S * 1000.0, DNSQuestionType.QM)
            if set(asked.parsed_addresses()) <= self._ever:
                return server
        raise ValueError(f"every name like {label}.local is taken")

    async def _register(
        self, network: AsyncZeroconf, server: str, addresses: Sequence[str]
    ) -> None:
        title = "".join(one for one in self._title if one.isprintable())
        info = AsyncServiceInfo(
            SERVICE,
            f"{_shortened(title.replace('.', ' '))}.{SERVICE}",
            port=self._port,
            parsed_addresses=list(addresses),
            properties={"path": "/"},
            server=server,
        )
        await (await network.async_register_service(info, allow_name_change=True, strict=False))

    def _strangers(self, network: AsyncZeroconf, server: str) -> list[str]:
        heard = AddressResolver(server)
        heard.load_from_cache(network.zeroconf)
        return sorted(set(heard.parsed_addresses()) - self._ever)


def _shortened(name: str) -> str:
    """Return what fits into a label of 63 bytes, with room for a number."""
    return name.encode()[:58].decode(errors="ignore").strip() or "Mirror"


async def _closed(network: AsyncZeroconf) -> None:
    """Withdraw, as far as the network lets us."""
    with suppress(OSError, ZeroconfError, TimeoutError):
        async with asyncio.timeout(END_S):
            await network.async_unregister_all_services()
    with suppress(OSError, ZeroconfError, TimeoutError):
        async with asyncio.timeout(END_S):
            await network.async_close()
