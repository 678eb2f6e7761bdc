"""A browser's session: a cookie that scripts cannot read and other sites cannot send."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from mirrord.api.caller import caller_of
from mirrord.api.reply import success
from mirrord.api.validation import body_of, checked
from mirrord.collective.caller import Member
from mirrord.collective.doors import add
from mirrord.collective.identity import COOKIE, address_of
from mirrord.collective.people import forms
from mirrord.collective.people.desk import Desk
from mirrord.collective.people.records import Account
from mirrord.collective.people.routes import AUTH, SESSION_DAYS, AuthRoutes
from mirrord.collective.settings import Settings

_DAY_S: Final = 86_400


class BrowserRoutes:
    """The handlers."""

    def __init__(self, desk: Desk, auth: AuthRoutes, settings: Settings) -> None:
        self._desk = desk
        self._auth = auth
        self._registration = settings.accounts.registration
        self._secure = settings.server.public_url.startswith("https:")

    def mount(self, app: web.Application) -> None:
        add(app, "GET", f"{AUTH}me/", "public", self.me)
        add(app, "POST", f"{AUTH}session/", "public", self.sign_in)
        add(app, "DELETE", f"{AUTH}session/", "public", self.sign_out)
        add(app, "POST", f"{AUTH}session/register/", "public", self.register)

    async def me(self, request: web.Request) -> web.StreamResponse:
        """Answer who asks, so that pages hide what they may not do."""
        caller = caller_of(request)
        known = isinstance(caller, Member)
        scopes = [one for one in ("look", "read", "control") if one in caller.scopes]
        told: dict[str, Any] = {
            "user": caller.user if known else None,
            "id": str(caller.account) if isinstance(caller, Member) else None,
            "role": caller.role,
            "is_admin": isinstance(caller, Member) and caller.is_admin,
            "scopes": scopes,
            "registration": self._registration,
        }
        return success("Who you are.", told)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Begin a session in place of the one that asks: the cookie is new, whatever was sent."""
        form = checked(await body_of(request), forms.SignIn)
        account = await self._desk.recognise(form.username, form.password, address_of(request))
        return await self._with_cookie(request, account, "Signed in.")

    async def register(self, request: web.Request) -> web.StreamResponse:
        """Add an account and begin its first session."""
        form = checked(await body_of(request), forms.Register)
        account = await self._auth.registered(form)
        return await self._with_cookie(request, account, "Registered.", 201)

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        await self._end(request)
        response = success("Signed out.", None)
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return response

    async def _with_cookie(
        self, request: web.Request, account: Account, said: str, status: int = 200
    ) -> web.StreamResponse:
        await self._end(request)
        origin = (address_of(request), request.headers.get("User-Agent", ""))
        begin = self._desk.keys.begin
        _, secret = await begin(account.account, "cookie", SESSION_DAYS, origin=origin)
        response = success(said, account.shown(), status)
        response.set_cookie(
            COOKIE,
            secret,
            max_age=int(SESSION_DAYS * _DAY_S),
            path="/",
            secure=self._secure or _is_secure(request),
            httponly=True,
            samesite="Strict",
        )
        return response

    async def _end(self, request: web.Request) -> None:
        caller = caller_of(request)
        if isinstance(caller, Member) and caller.how == "cookie":
            await self._desk.keys.revoke(caller.account, caller.key, ("cookie",))


def _is_secure(request: web.Request) -> bool:
    """Whoever lies about it only keeps their own cookie from themselves."""
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"
