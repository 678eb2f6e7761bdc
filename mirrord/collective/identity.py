"""Who is behind a request: the secret that it bears, looked up and remembered for a moment."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from aiohttp import web

from mirrord.api.caller import Caller, caller_of
from mirrord.collective.caller import ANYBODY, How, Member, Mirror, member
from mirrord.collective.people.keys import KeyRing
from mirrord.collective.people.records import Account, Key
from mirrord.credentials import secrets

COOKIE: Final = "collective"
CACHED_S: Final = 2.0  # what another process revokes holds this much longer
_MOST_CACHED: Final = 4096
_LONGEST_RETRY: Final = 100

FindMirror = Callable[[str], Awaitable[Mirror | None]]


class Doorman:
    """Recognises who asks. A secret that does not hold is nobody's, whatever else is sent."""

    def __init__(self, keys: KeyRing, find_mirror: FindMirror) -> None:
        self._keys = keys
        self._find_mirror = find_mirror
        self._known: dict[bytes, tuple[float, Caller]] = {}
        keys.revoked = self.forget

    async def identify(self, request: web.Request) -> Caller | None:
        """Return who asks; None for a secret that does not hold."""
        header = request.headers.get("Authorization")
        if header is None:
            cookie = request.cookies.get(COOKIE)
            found = await self._known_as(cookie, ("cookie",)) if cookie else None
            return _retrying(request, found or ANYBODY)
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        if scheme.lower() == "mirror" and secret:
            return await self._find_mirror(secret)  # whatever is revoked, is at once
        if scheme.lower() not in ("token", "bearer") or not secret:
            return None
        found = await self._known_as(secret, ("login", "api"))
        return found and _retrying(request, found)

    def forget(self) -> None:
        """Believe nothing that was found before."""
        self._known.clear()

    async def _known_as(self, secret: str, kinds: Sequence[How]) -> Caller | None:
        name = secrets.digest("|".join((*kinds, secret)))
        until, cached = self._known.get(name, (0.0, ANYBODY))
        if time.monotonic() < until:
            return cached
        found = await self._keys.find(secret)
        if found is None or found[0].kind not in kinds:
            self._known.pop(name, None)
            return None
        if len(self._known) >= _MOST_CACHED:
            self._known.clear()
        caller = _member(*found)
        self._known[name] = (time.monotonic() + CACHED_S, caller)
        return caller


def identity(request: web.Request) -> Member:
    """Return who asks as somebody with an account. Raises NotAllowed."""
    return member(caller_of(request))


def address_of(request: web.Request) -> str:
    """Return the address that a request comes from; of IPv6 the network, which is one household."""
    try:
        address = ipaddress.ip_address((request.remote or "").partition("%")[0])
    except ValueError:
        return request.remote or "unknown"
    if isinstance(address, ipaddress.IPv6Address) and not address.is_loopback:
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _member(key: Key, account: Account) -> Member:
    role = "admin" if account.is_admin else "user"
    return Member(
        account.username,
        role,
        key.scopes,
        account=account.account,
        how=key.kind,
        key=key.id,
        is_admin=account.is_admin,
        contributes=account.contributes,
    )


def _retrying(request: web.Request, caller: Caller) -> Caller:
    retry = request.headers.get("Idempotency-Key", "")[:_LONGEST_RETRY]
    return replace(caller, retry=retry) if retry and isinstance(caller, Member) else caller
