"""The ledger says of every byte what the wire saw, not one more or less."""

from __future__ import annotations

import asyncio
import random
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from mirrord.config import parse
from mirrord.errors import ConfigError, Unavailable
from mirrord.store.codec import to_ms
from mirrord.store.ledger import SUMMED, SendingBegins, egress, egress_total, tidy_ledger
from mirrord.sync.client import Collective
from mirrord.sync.command import Linking
from mirrord.sync.link import Link, checked_url
from tests.fakes.collective import FakeCollective, serving
from tests.fakes.tcp_proxy import TcpProxy
from tests.sync_kit import Device, linked
from tests.test_sync_sender import visit
from tests.waiting import until


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def test_the_ledger_and_a_proxy_saw_the_same_bytes(tmp_path: Path) -> None:
    """Enrolling, claiming, sending, failing and leaving, from the first byte to the last."""
    fake = FakeCollective()
    config = parse({"store": {"path": str(tmp_path / "mirror.sqlite3")}}, "test.toml")
    async with serving(fake), TcpProxy("127.0.0.1", port_of(fake.url)) as proxy:
        linking = Linking(config)
        url = f"http://127.0.0.1:{proxy.port}"
        link = await linking.link(url, lambda asking: fake.confirm())
        assert (link.user, link.spaces) == ("ann", ("Home",))
        device = Device(tmp_path / "mirror.sqlite3")
        device.timeout_s = 10.0
        device.restart()
        fake.now = device.clock.now_ms
        visit(device, "evening", 4)
        fake.faults.append(503)
        for _ in range(3):
            await device.send()
        assert fake.tallies
        assert await linking.unlink(erase=True) == (
            f"Unlinked from {url}. It has erased 1 sessions with 4 stretches."
        )
        rows = egress(device.database, 100)
        total = egress_total(device.database)
        device.close()
        seen = len(proxy.sent)
    assert total == (len(rows), sum(row.bytes for row in rows))
    assert total[1] == seen
    assert {row.kind for row in rows} == {"enrol", "claim", "sync", "erase"}
    assert {row.place for row in rows} == {f"127.0.0.1:{proxy.port}"}
    assert {row.outcome for row in rows} == {"200", "201", "503"}
    assert not (tmp_path / "collective.json").exists()


@asynccontextmanager
async def behind_tls(fake: FakeCollective, authority: trustme.CA) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    runner = web.AppRunner(fake.app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_encryption_is_counted_and_the_certificate_checked(tmp_path: Path) -> None:
    fake, authority, other = FakeCollective(), trustme.CA(), trustme.CA()
    for name, one in (("right.pem", authority), ("wrong.pem", other)):
        one.cert_pem.write_to_path(str(tmp_path / name))
    async with behind_tls(fake, authority) as port, TcpProxy("127.0.0.1", port) as proxy:
        body = {"name": "Mirror", "version": "0" * 30}
        url = f"https://localhost:{proxy.port}"
        right = Collective(url, str(tmp_path / "right.pem"), 10.0)
        heard = await right.ask("POST", "/emotions/api/mirrors/enrol/", body)
        assert heard.worked
        await until(lambda: heard.sent == len(proxy.sent) > 400)
        for trusted in (str(tmp_path / "wrong.pem"), ""):
            seen = len(proxy.sent)
            refused = await Collective(url, trusted, 10.0).ask("GET", "/x", credential="secret")
            assert refused.status == 0
            assert "certificate is not valid" in refused.said
            seen += refused.sent
            await until(partial(lambda all_: len(proxy.sent) == all_, seen))
    assert len(fake.requests) == 1
    with pytest.raises(ConfigError, match="ca_file"):
        await Collective("https://localhost:9", "/nowhere.pem").ask("GET", "/")


async def test_a_kill_while_sending_leaves_a_note_that_says_rather_too_much(tmp_path: Path) -> None:
    device, fake = Device(tmp_path / "mirror.sqlite3"), FakeCollective()
    fake.credential = "c" * 24
    there, over = asyncio.Event(), asyncio.Event()

    async def for_ever(_request: web.Request) -> web.StreamResponse:
        there.set()
        await over.wait()
        raise web.HTTPServiceUnavailable

    async with serving(fake), TcpProxy("127.0.0.1", port_of(fake.url)) as proxy:
        linked(device, f"http://127.0.0.1:{proxy.port}")
        visit(device, "evening", 9)
        fake.faults.append(for_ever)
        sending = asyncio.ensure_future(device.send())
        await there.wait()
        device.kill()
        await asyncio.gather(sending, return_exceptions=True)
        device.begin()
        (row,) = egress(device.database, 9)
        assert row.outcome == "begun"
        assert len(proxy.sent) <= row.bytes
        device.close()
        over.set()


def test_after_a_month_a_day_is_one_row_and_nothing_is_lost(tmp_path: Path) -> None:
    device = Device(tmp_path / "mirror.sqlite3")
    rng, now = random.Random(1), datetime(2026, 6, 1, tzinfo=UTC)
    with device.database.atomic():
        for day in range(90):
            for _ in range(rng.randint(0, 4)):
                at = to_ms(now - timedelta(days=day, hours=rng.randint(0, 20)))
                SendingBegins(at, "a:443", rng.choice(("sync", "about")), 100, 2).write(
                    device.database
                )
        before = egress_total(device.database)
        tidy_ledger(device.database, to_ms(now))
        tidy_ledger(device.database, to_ms(now + timedelta(days=3)))
    rows = egress(device.database, 1000)
    assert egress_total(device.database) == before
    old = [row for row in rows if row.at < now - timedelta(days=29)]
    assert {row.outcome for row in old} == {SUMMED}
    assert len({(row.at, row.kind) for row in old}) == len(old)
    device.close()


async def test_unlinking_waits_for_no_answer_to_be_silent(tmp_path: Path) -> None:
    fake = FakeCollective(credential="c" * 24)
    config = parse({"store": {"path": str(tmp_path / "mirror.sqlite3")}}, "test.toml")
    device = Device(tmp_path / "mirror.sqlite3")
    async with serving(fake):
        linked(device, fake.url)
        visit(device, "evening", 2)
        await device.send()
        visit(device, "later", 2)
        device.forget_session("evening")
        fake.faults += [500] * 2
        said = await Linking(config).unlink(erase=False, patience_s=30.0)
    assert said == f"Unlinked from {fake.url}."
    kinds = [path for _, path in fake.requests]
    assert kinds.count("/emotions/api/sync/") >= 2  # what was deleted here is deleted there first
    assert not fake.tallies
    assert fake.erased
    assert fake.credential == ""
    device.close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://mood.example.org", "use https"),
        ("ftp://mood.example.org", "no address"),
        ("mood.example.org", "no address"),
        ("https://ann:secret@mood.example.org", "no user"),
        ("https://mood.example.org/?q=1", "no user"),
        ("https://", "no address"),
        ("https://[::1", "no address"),
        ("https://mood.example.org:99999999", "no address"),
    ],
)
def test_an_address_that_is_not_safe_is_refused(address: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        checked_url(address)
    assert "secret" not in str(caught.value) or "secret" not in address


def test_near_addresses_may_be_plain() -> None:
    for near in ("http://localhost:1", "http://192.168.1.5", "http://[::1]:2", "http://pi.local"):
        assert checked_url(f" {near}/ ") == near


def test_a_link_file_that_others_can_read_or_that_is_damaged_says_so(tmp_path: Path) -> None:
    device = Device(tmp_path / "mirror.sqlite3")
    device.file.write(Link("https://a.example", "asking", "Mirror", claim="0123456789"))
    assert device.file.path.stat().st_mode & 0o777 == 0o600
    device.file.path.write_text("{")
    with pytest.raises(ConfigError, match="delete it, and link the mirror again"):
        device.file.read()
    device.file.path.chmod(0o644)
    device.file.path.write_text("{}")
    with pytest.raises(ConfigError, match="chmod 600"):
        device.file.read()
    device.close()


def test_the_commands_say_what_will_be_sent_before_the_first_byte(tmp_path: Path) -> None:
    settings = tmp_path / "mirror.toml"
    settings.write_text(f'[store]\npath = "{tmp_path / "mirror.sqlite3"}"\n')

    def run(*words: str, answer: str = "") -> tuple[int, str]:
        command = [sys.executable, "-m", "mirrord", *words, "-c", str(settings)]
        done = subprocess.run(command, input=answer, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    status, said = run("link", "http://127.0.0.1:9", answer="n\n")
    assert status == 0
    assert "It never sends pictures, single readings" in said
    assert "Nothing was sent." in said
    status, said = run("link", "http://127.0.0.1:9", "--yes")
    assert status == 1
    assert "cannot be reached" in said
    status, said = run("ledger", "--json")
    assert status == 0
    assert '"kind":"enrol"' in said
    assert '"bytes":0' in said


async def test_a_book_that_is_held_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mirrord.store.limits import Limits
    from mirrord.sync import books

    monkeypatch.setattr(books, "_PATIENCE_S", 0.2)
    device = Device(tmp_path / "mirror.sqlite3")
    device.database.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="held by another program"):
        await books.FileBooks(device.path, Limits(1, 10)).put(SendingBegins(0, "a:1", "sync", 1))
    device.database.rollback()
    device.close()
