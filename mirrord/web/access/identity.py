"""Who is behind a request: a browser's session, a program's token, or somebody at this computer."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

from mirrord.accounts import ROLES, Accounts, Key, Scope, User
from mirrord.accounts.records import SCOPES, Kind
from mirrord.api.caller import NOBODY, Caller
from mirrord.credentials.secrets import digest

How = Literal["nobody", "local", "cookie", "login", "api"]
CACHED_S: Final = 1.0  # a key revoked by a command holds this much longer
_MOST_CACHED: Final = 256
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and by what right."""

    how: How
    caller: Caller
    user: User | None = None
    key: Key | None = None


_KEY: Final = web.RequestKey("identity", Identity)
UNKNOWN: Final = Identity("nobody", NOBODY)
LOCAL: Final = Identity("local", Caller(None, "owner", frozenset(SCOPES)))


def identity_of(request: web.Request) -> Identity:
    """Return who asks, as the gate has found."""
    found: Identity = request.get(_KEY, UNKNOWN)
    return found


def set_identity(request: web.Request, identity: Identity) -> None:
    """Remember who asks, for this request."""
    request[_KEY] = identity


class Doorman:
    """Recognises who asks. `optional`: without an owner, whoever sits here is one."""

    def __init__(self, accounts: Accounts, optional: bool) -> None:
        self._accounts = accounts
        self._optional = optional
        self._known: dict[bytes, tuple[float, Identity]] = {}
        self._no_owner_until = 0.0
        self._owner = False
        self._changes = accounts.changes

    @property
    def optional(self) -> bool:
        return self._optional

    async def identify(self, request: web.Request) -> Identity:
        """Return who asks. A token that does not hold is nobody's, whatever else is sent."""
        header = request.headers.get("Authorization")
        if header is not None:
            scheme, _, secret = header.partition(" ")
            known = scheme.lower() in ("token", "bearer") and secret
            return await self._recognised(secret.strip(), ("login", "api")) if known else UNKNOWN
        cookie = request.cookies.get(self._accounts.cookie)
        found = await self._recognised(cookie, ("cookie",)) if cookie else UNKNOWN
        if found is UNKNOWN and await self.is_open(request):
            return LOCAL
        return found

    async def is_open(self, request: web.Request) -> bool:
        """Tell whether this request needs no password: nobody has set one, and it is from here."""
        return self._optional and is_here(request) and not await self.has_owner()

    async def has_owner(self) -> bool:
        """Tell whether there is an owner. Once there is, there always is: the last one stays."""
        self._forget_after_changes()
        if not self._owner and time.monotonic() >= self._no_owner_until:
            self._owner = await self._accounts.has_owner()
            self._no_owner_until = time.monotonic() + CACHED_S
        return self._owner

    async def still(self, identity: Identity) -> bool:
        """Tell whether what was found earlier still holds."""
        if identity.key is not None:
            return await self._accounts.holds(identity.key.id)
        return identity.how == "local" and not await self.has_owner()

    async def _recognised(self, secret: str, kinds: tuple[Kind, ...]) -> Identity:
        self._forget_after_changes()
        name = digest("|".join((*kinds, secret)))
        until, cached = self._known.get(name, (0.0, UNKNOWN))
        if time.monotonic() < until:
            return cached
        changes = self._accounts.changes
        found = await self._accounts.find(secret, kinds)
        if found is None:
            self._known.pop(name, None)
            return UNKNOWN
        identity = _identity(*found)
        if changes == self._accounts.changes:
            self._remember(name, identity)
        return identity

    def _remember(self, name: bytes, identity: Identity) -> None:
        if len(self._known) >= _MOST_CACHED:
            self._known.clear()
        self._known[name] = (time.monotonic() + CACHED_S, identity)

    def forget(self) -> None:
        """Believe nothing that was found before."""
        self._known.clear()
        self._no_owner_until = 0.0

    def _forget_after_changes(self) -> None:
        if self._changes != self._accounts.changes:
            self._changes = self._accounts.changes
            self.forget()


def _identity(key: Key, user: User) -> Identity:
    scopes: frozenset[Scope] = ROLES[user.role] & key.scopes
    return Identity(key.kind, Caller(user.username, user.role, scopes), user, key)


def address_of(request: web.Request) -> str:
    """Return the address that a request comes from; of IPv6 the network, which is one household."""
    try:
        address = ipaddress.ip_address((request.remote or "").partition("%")[0])
    except ValueError:
        return request.remote or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        network = ipaddress.ip_network((address, 64), strict=False)
        return str(mapped or ("::1" if address.is_loopback else network))
    return str(address)


def is_here(request: web.Request) -> bool:
    """Tell whether the request was made at this computer, and not handed on by a proxy on it."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
