"""What is done with accounts step by step, the same for a program, a page and a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mirrord.api.reply import Rejected
from mirrord.collective.bus import Bus
from mirrord.collective.caller import SCOPES
from mirrord.collective.database import Database
from mirrord.collective.limits import begin_attempt, succeeded
from mirrord.collective.people.book import AccountBook
from mirrord.collective.people.keys import KeyRing
from mirrord.collective.people.records import Account, Key
from mirrord.collective.people.stretching import Stretcher
from mirrord.credentials import names, secrets
from mirrord.credentials.people import NewUser, Unacceptable

_FIELDS: Final = ("first_name", "last_name")


class Desk:
    """Registers, recognises and changes accounts."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.book = AccountBook(database)
        self.keys = KeyRing(database)
        self._bus = bus
        self._stretch = Stretcher()

    async def register(self, new: NewUser, *, is_admin: bool = False) -> Account:
        """Add an account. Raises Unacceptable."""
        checked = await self._stretch(names.checked, new)
        password = await self._stretch(secrets.stretched, new.password)
        return await self.book.add(checked, password, is_admin=is_admin)

    async def recognise(self, username: str, password: str, address: str) -> Account:
        """Return the account of a name and password. Raises Rejected or TooOften.

        Neither the sentence nor the time tells whether it is the name or the password.
        """
        folded = names.folded(username)[:200]
        await begin_attempt(self._bus, address, folded)
        found = await self.book.find(username)
        kept = found[1] if found and found[0].active else None
        if not await self._stretch(secrets.matches, kept, password) or found is None:
            raise Rejected("The name or the password is wrong.", 401)
        await succeeded(self._bus, address, folded)
        return found[0]

    async def check_password(self, account: int, password: str, address: str) -> Account:
        """Return the account if it is its password. Raises Rejected (400) or TooOften."""
        known = await self.book.get(account)
        if known is None:
            raise Rejected("There is no such account any more.", 401)
        try:
            return await self.recognise(known.username, password, address)
        except Rejected:
            said = "is not the password until now"
            raise Rejected(f"password: {said}", details={"password": said}) from None

    async def set_password(self, account: Account, password: str, keep: str = "") -> None:
        """Set a new one; every session but the one named ends. Raises Unacceptable."""
        await self._stretch(names.check_password, password, account.username)
        hashed = await self._stretch(secrets.stretched, password)
        await self.book.set_password(account.account, hashed, keep)
        self.keys.revoked()

    async def change(self, account: int, changes: Mapping[str, Any]) -> None:
        """Change a profile. Raises Unacceptable."""
        checked = dict(changes)
        if "email" in checked:
            checked["email"] = names.checked_email(checked["email"])
        for field in _FIELDS:
            if field in checked:
                checked[field] = names.checked_words(field, checked[field])
        await self.book.change(account, checked)

    async def add_token(
        self, account: int, name: str, scopes: list[str], days: float
    ) -> tuple[Key, str]:
        """Return a new token and its secret. Raises Unacceptable."""
        name = names.checked_words("name", name)
        if not name:
            raise Unacceptable("name", "expected a name by which you know it again")
        wanted = [one for one in SCOPES if one in scopes]
        if unknown := set(scopes) - set(wanted):
            known = ", ".join(SCOPES)
            raise Unacceptable("scopes", f"there is no {sorted(unknown)[0]!r}; there are {known}")
        return await self.keys.begin(account, "api", days, name, wanted)
