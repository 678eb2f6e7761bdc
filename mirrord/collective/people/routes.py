"""The seed's addresses under /emotions/auth/, and those for tokens, sessions and passwords."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec import UNSET

from mirrord.api.mount import PREFIX
from mirrord.api.reply import Rejected, success
from mirrord.api.validation import body_of, checked
from mirrord.collective.doors import add
from mirrord.collective.identity import address_of, identity
from mirrord.collective.people import forms
from mirrord.collective.people.desk import Desk
from mirrord.collective.people.records import SESSIONS, Account
from mirrord.collective.settings import AccountSettings
from mirrord.credentials.people import NewUser

AUTH: Final = f"{PREFIX}auth/"
SESSION_DAYS: Final = 30.0


class AuthRoutes:
    """The handlers; `admit` says whether an invitation lets somebody register."""

    def __init__(self, desk: Desk, settings: AccountSettings, admit: Any) -> None:
        self._desk = desk
        self._settings = settings
        self._admit = admit

    def mount(self, app: web.Application) -> None:
        add(app, "POST", f"{AUTH}register/", "public", self.register)
        add(app, "POST", f"{AUTH}login/", "public", self.login)
        add(app, "POST", f"{AUTH}logout/", "look", self.logout)
        add(app, "GET", f"{AUTH}profile/", "read", self.profile)
        add(app, "PUT", f"{AUTH}profile/update/", "account", self.update)
        add(app, "POST", f"{AUTH}password/", "account", self.password)
        add(app, "GET", f"{AUTH}sessions/", "account", self.sessions)
        add(app, "DELETE", f"{AUTH}sessions/{{id}}/", "account", self.end_session)
        add(app, "GET", f"{AUTH}tokens/", "account", self.tokens)
        add(app, "POST", f"{AUTH}tokens/", "account", self.add_token)
        add(app, "DELETE", f"{AUTH}tokens/{{id}}/", "account", self.revoke_token)

    async def register(self, request: web.Request) -> web.StreamResponse:
        """Add an account and answer its first token."""
        form = checked(await body_of(request), forms.Register)
        _equal(form.password, form.password_confirm)
        account = await self.registered(form)
        return success("Registered.", await self._begun(request, account), 201)

    async def registered(self, form: forms.Register) -> Account:
        """Add the account that a form asks for. Raises Rejected and Unacceptable."""
        if self._settings.registration != "open" and not await self._admit(form.invite):
            raise Rejected("invite: registration takes an invitation here.", 403)
        new: NewUser = form.new_user()
        return await self._desk.register(new)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Answer a token."""
        form = checked(await body_of(request), forms.SignIn)
        account = await self._desk.recognise(form.username, form.password, address_of(request))
        return success("Signed in.", await self._begun(request, account))

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """End the login that asks."""
        caller = identity(request)
        if caller.how == "api":
            raise Rejected("A token is revoked under auth/tokens/, not signed out.")
        await self._desk.keys.revoke(caller.account, caller.key, SESSIONS)
        return success("Signed out.", None)

    async def profile(self, request: web.Request) -> web.StreamResponse:
        return success("Your profile.", await self._profile(request))

    async def update(self, request: web.Request) -> web.StreamResponse:
        form = checked(await body_of(request), forms.Profile)
        changes = {k: v for k, v in msgspec.structs.asdict(form).items() if v is not UNSET}
        await self._desk.change(identity(request).account, changes)
        return success("Changed.", await self._profile(request))

    async def password(self, request: web.Request) -> web.StreamResponse:
        """Set a new password; every other session ends."""
        form = checked(await body_of(request), forms.NewPassword)
        _equal(form.password, form.password_confirm)
        caller = identity(request)
        address = address_of(request)
        account = await self._desk.check_password(caller.account, form.current, address)
        await self._desk.set_password(account, form.password, caller.key)
        return success("The password is changed; every other session has ended.", None)

    async def sessions(self, request: web.Request) -> web.StreamResponse:
        caller = identity(request)
        found = await self._desk.keys.of_account(caller.account, SESSIONS)
        return success("Your sessions.", [one.shown(one.id == caller.key) for one in found])

    async def end_session(self, request: web.Request) -> web.StreamResponse:
        return await self._end(request, "sessions")

    async def tokens(self, request: web.Request) -> web.StreamResponse:
        found = await self._desk.keys.of_account(identity(request).account, ["api"])
        return success("Your tokens.", [one.shown(current=False) for one in found])

    async def add_token(self, request: web.Request) -> web.StreamResponse:
        """Answer a new token, once."""
        form = checked(await body_of(request), forms.NewToken)
        account = identity(request).account
        key, secret = await self._desk.add_token(account, form.name, form.scopes, form.days)
        return success(
            "Keep it now: nobody can show it again.", {"token": secret, **key.shown(False)}, 201
        )

    async def revoke_token(self, request: web.Request) -> web.StreamResponse:
        return await self._end(request, "tokens")

    async def _end(self, request: web.Request, what: str) -> web.StreamResponse:
        kinds = SESSIONS if what == "sessions" else ("api",)
        name = request.match_info["id"]
        if not await self._desk.keys.revoke(identity(request).account, name, kinds):
            raise Rejected(f"id: you have no such {what.removesuffix('s')}", 404)
        return success("Ended.", None)

    async def _begun(self, request: web.Request, account: Account) -> dict[str, Any]:
        origin = (address_of(request), request.headers.get("User-Agent", ""))
        days = self._settings.token_days
        _, secret = await self._desk.keys.begin(account.account, "login", days, origin=origin)
        return {"token": secret, "user": account.shown()}

    async def _profile(self, request: web.Request) -> dict[str, Any]:
        account = await self._desk.book.get(identity(request).account)
        if account is None:
            raise Rejected("There is no such account any more.", 401)
        return {**account.shown(), **await self._desk.book.counted(account.account)}


def _equal(password: str, again: str) -> None:
    if password != again:
        said = "is not the same as password"
        raise Rejected(f"password_confirm: {said}", details={"password_confirm": said})
