"""No camera without consent: the file, the gate in a whole mirror, the addresses."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from mirrord.accounts import Accounts, NewUser
from mirrord.config import Config, accounts_path, parse, store_path
from mirrord.consent import Consent, watches
from mirrord.daemon import Daemon, started
from mirrord.errors import ConfigError, Unavailable
from mirrord.store import Store
from tests.access_kit import ANN, AUTH, BEN, ask, named
from tests.waiting import until

PATH = "/emotions/api/consent/"
HOME = {"place": "home", "everybody_agrees": True, "visitors_are_told": True}


@pytest.mark.parametrize(
    "source", [0, "1", "picamera2", "/dev/video0", "rtsp://cam/x", "http://c/"]
)
def test_a_camera_watches(source: int | str) -> None:
    assert watches(source)


def test_a_link_to_a_device_and_a_pipe_are_cameras_and_a_film_is_none(tmp_path: Path) -> None:
    (tmp_path / "eye").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "film.mp4").touch()
    assert watches(str(tmp_path / "eye"))
    assert watches(str(tmp_path / "pipe"))
    assert not watches(str(tmp_path / "film.mp4"))
    assert not watches(str(tmp_path))
    assert not watches(str(tmp_path / "not-there-yet.mp4"))


def begun(path: Path, in_use: bool = False) -> Consent:
    consent = Consent(path)
    consent.begin(in_use)
    return consent


def test_it_outlives_restarts_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "consent.json"
    first = begun(path)
    assert (first.state, first.allows(0), first.allows("film.mp4")) == ("needed", False, True)
    first.give("ann", "shared")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = begun(path, in_use=True)
    assert (second.state, second.allows(0)) == ("given", True)
    second.withdraw("ben")
    third = begun(path, in_use=True)
    assert (third.state, third.allows(0)) == ("withdrawn", False)
    assert [(one.what, one.by, one.room) for one in third.entries] == [
        ("given", "ann", "shared"),
        ("withdrawn", "ben", None),
    ]


def test_a_mirror_that_was_in_use_is_asked_once_and_a_new_one_never_passes_for_one(
    tmp_path: Path,
) -> None:
    assert begun(tmp_path / "old.json", in_use=True).state == "kept"
    assert begun(tmp_path / "old.json").state == "kept"
    assert begun(tmp_path / "new.json").state == "needed"
    # The next start finds an owner and records, but also that it has been asked.
    assert begun(tmp_path / "new.json", in_use=True).state == "needed"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b'{"v": 1, "entries": [{"what": "given"}]}']
)
def test_what_is_damaged_agrees_to_nothing_and_is_kept_aside(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "consent.json"
    path.write_bytes(content)
    consent = begun(path, in_use=True)
    assert (consent.state, consent.allows(0)) == ("needed", False)
    assert "agree again" in consent.trouble
    consent.give("ann", "home")
    assert consent.trouble == ""
    assert (tmp_path / "consent.json.damaged").read_bytes() == content
    assert begun(path).state == "given"


def test_what_cannot_be_written_gives_nothing_but_withdraws(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    path = folder / "consent.json"
    consent = begun(path)
    consent.give("ann", "home")
    path.unlink()
    folder.rmdir()
    folder.touch()  # no folder any more
    with pytest.raises(Unavailable):
        consent.withdraw("ann")
    assert not consent.allows(0)
    with pytest.raises(Unavailable):
        consent.give("ann", "home")
    assert not consent.allows(0)


# The whole mirror. Its camera is a number of which there is none here: what is tested is whether
# the mirror would look.


def config_of(folder: Path, source: int | str = 250) -> Config:
    return parse(
        {
            "camera": {"source": source},
            "store": {"path": str(folder / "mirror.sqlite3")},
            "web": {"port": 0},
        },
        "test.toml",
    )


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))


@asynccontextmanager
async def mirror_of(
    config: Config, who: tuple[str, str] | None = ANN
) -> AsyncIterator[tuple[Daemon, aiohttp.ClientSession]]:
    """Run a mirror, and sign somebody in."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        started(config) as (daemon, url),
        aiohttp.ClientSession(url, cookie_jar=jar) as http,
    ):
        if daemon.code:
            first = {"username": ANN[0], "password": ANN[1], "password_confirm": ANN[1]}
            status, _ = await ask(http, "POST", f"{AUTH}welcome/", {**first, "code": daemon.code})
            assert status == 201
        elif who:
            assert (await ask(http, "POST", f"{AUTH}session/", named(who)))[0] == 200
        yield daemon, http


async def closed(daemon: Daemon) -> None:
    await until(lambda: daemon.sight.pid is None and daemon.state()["camera"]["state"] == "off")


async def test_the_camera_waits_for_consent_and_goes_off_with_it(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    async with mirror_of(config) as (daemon, http):
        await closed(daemon)
        told = (await ask(http, "GET", "/state"))[1]
        assert (told["consent"]["state"], told["consent"]["allows"]) == ("needed", False)
        assert "agree" in told["camera"]["detail"]
        assert told["health"]["state"] == "amber"
        assert "house rules" in told["health"]["troubles"][0]["said"]
        status, answer = await ask(http, "POST", "/control", {"camera": True})
        assert (status, daemon.engine.controls.camera) == (400, False)
        assert "/welcome" in answer["message"]
        with pytest.raises(ConfigError):  # however it is asked: the smart home asks so
            await daemon.control({"camera": True})
        status, answer = await ask(http, "POST", PATH, HOME)
        assert (status, answer["data"]["state"]) == (200, "given")
        assert [(one["what"], one["by"]) for one in answer["data"]["entries"]] == [("given", "ann")]
        assert daemon.engine.controls.camera
        await until(lambda: daemon.sight.pid is not None)
        status, answer = await ask(http, "DELETE", PATH)
        assert (status, answer["data"]["state"]) == (200, "withdrawn")
        await closed(daemon)
        assert daemon.health().state == "green"  # a person's wish
    async with mirror_of(config) as (daemon, http):
        await closed(daemon)
        assert (await ask(http, "GET", PATH))[1]["data"]["state"] == "withdrawn"


@pytest.mark.parametrize("place", ["work", "education"])
async def test_work_and_school_are_refused_with_the_reason(tmp_path: Path, place: str) -> None:
    async with mirror_of(config_of(tmp_path)) as (daemon, http):
        status, answer = await ask(http, "POST", PATH, HOME | {"place": place})
        assert status == 409
        assert "Article 5(1)(f)" in answer["message"]
        assert "2 February 2025" in answer["details"]["place"]
        assert (daemon.consent.state, daemon.engine.controls.camera) == ("needed", False)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"everybody_agrees": False}, 409),
        ({"visitors_are_told": False}, 409),
        ({"place": "office"}, 400),
        ({"everybody_agrees": "yes"}, 400),
        ({"more": 1}, 400),
    ],
)
async def test_half_a_consent_is_none(tmp_path: Path, change: dict[str, Any], status: int) -> None:
    async with mirror_of(config_of(tmp_path)) as (daemon, http):
        assert (await ask(http, "POST", PATH, HOME | change))[0] == status
        assert not daemon.consent.allows(0)


async def test_a_guest_neither_agrees_nor_withdraws(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    async with mirror_of(config) as (daemon, http):
        await ask(http, "POST", PATH, HOME)
        async with Accounts.open(accounts_path(config)) as accounts:
            await accounts.add_user(NewUser(*BEN), "guest")
        async with aiohttp.ClientSession(
            http._base_url, cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as ben:
            assert (await ask(ben, "POST", f"{AUTH}session/", named(BEN)))[0] == 200
            for method, body in (("POST", HOME), ("DELETE", None)):
                assert (await ask(ben, method, PATH, body))[0] == 403
            assert (await ask(ben, "POST", "/control", {"camera": False}))[0] == 200
        assert daemon.consent.state == "given"
        assert not daemon.engine.controls.camera


async def test_what_was_in_use_before_it_asked_goes_on_and_is_asked(tmp_path: Path) -> None:
    """An update switches no camera off."""
    config = config_of(tmp_path)
    async with Store.open(store_path(config)), Accounts.open(accounts_path(config)) as accounts:
        await accounts.add_user(NewUser(*ANN), "owner")
    async with mirror_of(config) as (daemon, http):
        assert daemon.engine.controls.camera
        await until(lambda: daemon.sight.pid is not None)
        told = (await ask(http, "GET", "/state"))[1]["consent"]
        assert (told["state"], told["allows"]) == ("kept", True)
        assert (await ask(http, "POST", PATH, HOME))[1]["data"]["state"] == "given"


async def test_an_owner_made_by_a_command_is_no_sign_of_use(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    async with Accounts.open(accounts_path(config)) as accounts:
        await accounts.add_user(NewUser(*ANN), "owner")
    async with mirror_of(config) as (daemon, _):
        assert daemon.consent.state == "needed"
        await closed(daemon)


async def test_changing_from_a_film_to_a_camera_takes_consent(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    async with mirror_of(config_of(tmp_path, str(tmp_path / "pictures"))) as (daemon, http):
        assert daemon.engine.controls.camera
        assert (await ask(http, "GET", "/state"))[1]["consent"]["needed"] is False
        change = {"set": {"camera.source": 250}}
        assert (await ask(http, "PATCH", "/settings/values", change))[0] == 200
        assert not daemon.engine.controls.camera
        await closed(daemon)


async def test_deleting_every_record_leaves_the_withdrawal(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    async with mirror_of(config) as (_, http):
        await ask(http, "POST", PATH, HOME)
        await ask(http, "DELETE", PATH)
        status, answer = await ask(http, "POST", "/emotions/api/forget/", {"all": True})
        assert status == 200
        confirm = {"confirm": answer["data"]["confirm"]}
        assert (await ask(http, "POST", "/emotions/api/forget/", confirm))[0] == 200
    store_path(config).unlink()
    async with mirror_of(config) as (daemon, _):
        assert daemon.consent.state == "withdrawn"
    written = msgspec.json.decode((tmp_path / "mirror.consent.json").read_bytes())
    assert [one["what"] for one in written["entries"]] == ["given", "withdrawn"]
